/**
 * Appends lines to a file that grows no further than a bound. Lines that cannot be written wait for room, so that a disk that
 * is full for a night leaves no gap.
 */
import { appendFileSync, closeSync, openSync, readSync, statSync } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import { UserError } from './errors.js';

export interface LogFileOptions {
  /** Bytes of a file, at most; a line may go beyond. */
  size: number;
  /** Files that are kept, the latest included: the others have numbers behind their names. */
  files: number;
  /** Milliseconds until what could not be written is tried again. */
  retryEvery: number;
  /** Is told when lines cannot be written, once until they can. */
  failed(error: NodeJS.ErrnoException): void;
}

/** Lines that wait at most; the oldest are dropped. */
const mostWaiting = 10_000;

/** Milliseconds that closing takes at most: the disk may be away. */
const patienceToClose = 1000;

export class LogFile {
  private waiting: string[] = [];
  private pump: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private hasFailed = false;

  /** @throws UserError if the file is there and holds no such lines */
  constructor(
    private readonly path: string,
    private readonly options: LogFileOptions,
  ) {
    if (!isOurs(path)) throw new UserError(`${path}: is a file of another kind. Choose another name.`);
  }

  /** @param line with its line break */
  write(line: string): void {
    this.waiting.push(line);
    if (this.waiting.length > mostWaiting) this.waiting.shift();
    if (!this.timer) this.start();
  }

  /** Writes all that waits before it returns, for a program that is about to end, as far as it can be written. */
  flush(): void {
    const lines = this.waiting.splice(0);
    try {
      appendFileSync(this.path, lines.join(''));
    } catch {
      // stderr has it too.
    }
  }

  /** Tries a last time to write what waits. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const enough = new Promise<void>((resolve) => setTimeout(resolve, patienceToClose).unref());
    this.start();
    await Promise.race([this.pump, enough]);
    clearTimeout(this.timer);
  }

  private start(): void {
    this.pump ??= this.writeAll().finally(() => {
      this.pump = undefined;
      if (this.waiting.length > 0 && !this.timer) this.start();
    });
  }

  private async writeAll(): Promise<void> {
    try {
      while (this.waiting.length > 0) {
        const [line] = this.waiting;
        await this.append(line);
        // It may have been dropped or written meanwhile.
        if (this.waiting[0] === line) this.waiting.shift();
      }
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed) this.options.failed(error as NodeJS.ErrnoException);
      this.hasFailed = true;
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.start();
      }, this.options.retryEvery).unref();
    }
  }

  /** By name each time: the file may have been moved or its disk been mounted anew. */
  private async append(line: string): Promise<void> {
    const size = await sizeOf(this.path);
    const isFull = size > 0 && size + Buffer.byteLength(line) > this.options.size;
    if (isFull) await this.rotate();
    const file = await open(this.path, 'a');
    try {
      await file.writeFile(line);
    } catch (error) {
      // No half of a line, which would come again.
      await file.truncate(isFull ? 0 : size).catch(() => {});
      throw error;
    } finally {
      await file.close();
    }
  }

  private async rotate(): Promise<void> {
    for (let n = this.options.files - 1; n > 0; n--)
      await rename(n === 1 ? this.path : `${this.path}.${n - 1}`, `${this.path}.${n}`).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error;
        },
      );
  }
}

const sizeOf = (path: string) =>
  stat(path).then(
    ({ size }) => size,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return 0;
    },
  );

/** Nothing, an empty file, or lines of JSON. What else is wrong is told where it is written. */
function isOurs(path: string): boolean {
  let file: number;
  try {
    if (!statSync(path).isFile()) return false;
    file = openSync(path, 'r');
  } catch {
    return true;
  }
  try {
    const start = Buffer.alloc(1);
    return readSync(file, start, 0, 1, 0) === 0 || start.toString() === '{';
  } finally {
    closeSync(file);
  }
}
