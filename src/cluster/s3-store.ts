/**
 * Files in an S3 bucket. Region, credentials and another endpoint than Amazon's come from where AWS's own programs take them:
 * AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL_S3, or its files.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { UserError } from '../util/errors.js';
import { checkedKey, type FileStore, type StoredFile } from './file-store.js';
import { loadS3 } from './packages.js';

type Sdk = Awaited<ReturnType<typeof loadS3>>;

export class S3Store implements FileStore {
  private constructor(
    private readonly sdk: Sdk,
    private readonly client: S3Client,
    private readonly bucket: string,
    private readonly prefix: string,
    readonly name: string,
  ) {}

  /**
   * @param address s3://bucket or s3://bucket/prefix
   * @throws UserError if it is none, or the package is missing
   */
  static async open(address: string): Promise<S3Store> {
    const [, bucket, prefix = ''] =
      /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w./-]*))?$/.exec(address) ?? [];
    if (bucket === undefined || prefix.split('/').includes('..'))
      throw new UserError(`--store ${address}: expected an address such as s3://bucket/prefix.`);
    // A line about Node's version would run into the screen.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
    const sdk = await loadS3();
    const hasEndpoint = Boolean(process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL);
    // Other servers than Amazon's rarely have a host name for each bucket.
    const client = new sdk.S3Client({
      forcePathStyle: hasEndpoint,
      ...(!process.env.AWS_REGION && hasEndpoint && { region: 'us-east-1' }),
    });
    return new S3Store(sdk, client, bucket, prefix.replace(/^\/+|\/+$/g, ''), address);
  }

  async check() {
    const { HeadBucketCommand } = this.sdk;
    await this.client.send(new HeadBucketCommand({ Bucket: this.bucket })).catch((error: unknown) => {
      throw new UserError(
        `--store ${this.name}: the bucket cannot be used (${reasonOf(error)}). Check its name, region and credentials.`,
      );
    });
  }

  async modified(key: string) {
    const { HeadObjectCommand } = this.sdk;
    const found = await this.send(() => this.client.send(new HeadObjectCommand(this.at(key))));
    return found && (found.LastModified?.getTime() ?? 0);
  }

  async put(key: string, path: string) {
    const { PutObjectCommand } = this.sdk;
    const { size } = await stat(path);
    await this.send(() =>
      this.client.send(
        new PutObjectCommand({ ...this.at(key), Body: createReadStream(path), ContentLength: size }),
      ),
    );
  }

  async get(key: string, path: string, maxBytes: number) {
    const { GetObjectCommand } = this.sdk;
    const part = `${path}.part`;
    try {
      const found = await this.send(async () => {
        const found = await this.client.send(new GetObjectCommand(this.at(key)));
        if ((found.ContentLength ?? 0) > maxBytes) throw new UserError(`${this.name}: ${key} is too large.`);
        await pipeline(found.Body as Readable, createWriteStream(part));
        return found;
      });
      if (found) await rename(part, path);
      return found !== undefined;
    } finally {
      await rm(part, { force: true });
    }
  }

  async remove(key: string) {
    const { DeleteObjectCommand } = this.sdk;
    await this.send(() => this.client.send(new DeleteObjectCommand(this.at(key))));
  }

  async *list(folder: string): AsyncIterable<StoredFile> {
    const { ListObjectsV2Command } = this.sdk;
    const { Bucket, Key: Prefix } = this.at(`${folder}/x`);
    let ContinuationToken: string | undefined;
    do {
      const request = { Bucket, Prefix: Prefix.slice(0, -1), ContinuationToken };
      const page = await this.send(() => this.client.send(new ListObjectsV2Command(request)));
      for (const { Key = '', LastModified } of page?.Contents ?? []) {
        const key = this.prefix ? Key.slice(this.prefix.length + 1) : Key;
        yield { key, modified: LastModified?.getTime() ?? 0 };
      }
      ContinuationToken = page?.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  private at(key: string) {
    return { Bucket: this.bucket, Key: [this.prefix, checkedKey(key)].filter(Boolean).join('/') };
  }

  /** Undefined for a file that is not there. An error that may pass has a code that is waited out: see isTransient(). */
  private async send<T>(request: () => Promise<T>): Promise<T | undefined> {
    try {
      return await request();
    } catch (error) {
      if (error instanceof UserError) throw error;
      const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
      if (name === 'NoSuchKey' || name === 'NotFound' || $metadata?.httpStatusCode === 404) return undefined;
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EDQUOT') throw error;
      throw Object.assign(new Error(`${this.name}: the store does not answer (${reasonOf(error)})`), {
        code: 'EHOSTDOWN',
      });
    }
  }
}

function reasonOf(error: unknown): string {
  const { name, message, code } = error as NodeJS.ErrnoException;
  return [code ?? name, message].filter((part) => part && part !== 'UnknownError').join(': ');
}
