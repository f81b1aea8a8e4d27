/** Loads the packages that only a shared queue needs; they are not installed by default. */
import { UserError } from '../util/errors.js';
import type { ServerKind } from './address.js';

type BullMQ = typeof import('bullmq');

const drivers = { redis: 'ioredis', postgres: 'pg' } as const;

/** @throws UserError with the command that installs what is missing */
export async function loadBullMQ(kind: ServerKind): Promise<BullMQ> {
  const driver = drivers[kind];
  const needs = { what: 'A shared queue', install: `bullmq ${driver}` };
  await optional(() => import(driver), needs);
  return optional(() => import('bullmq'), needs);
}

/** @throws UserError likewise */
export const loadPostgres = () =>
  optional(() => import('pg'), { what: 'A queue on PostgreSQL', install: 'bullmq pg' });

/** @throws UserError likewise */
export const loadS3 = () =>
  optional(() => import('@aws-sdk/client-s3'), { what: 'A store on S3', install: '@aws-sdk/client-s3' });

/** @throws UserError likewise */
export async function optional<T>(
  load: () => Promise<T>,
  { what, install }: { what: string; install: string },
): Promise<T> {
  return load().catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UserError(
      `${what} needs packages that are not installed. Install them beside stylize-tui: npm install ${install}`,
    );
  });
}
