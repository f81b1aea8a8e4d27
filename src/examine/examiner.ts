/**
 * Examines files from others (photos, styles, masks, weights, recipes) in child processes with limits of time and memory:
 * a decoder that crashes, hangs or grows without end costs its own file, and nothing else. The parent decodes none of them.
 */
import type { ChildProcess } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import pRetry from 'p-retry';
import { UserError } from '../util/errors.js';
import { forkModule } from '../util/fork.js';
import { residentSize } from '../util/memory-budget.js';
import type { examinations } from './examinations.js';

type Kind = keyof typeof examinations;
type RequestOf<K extends Kind> = Parameters<(typeof examinations)[K]>[0];
type ResultOf<K extends Kind> = Awaited<ReturnType<(typeof examinations)[K]>>;

export type Request = { [K in Kind]: { kind: K; request: RequestOf<K> } }[Kind];

export type Answer =
  | { type: 'hashed'; hash: string }
  | { type: 'done'; result: unknown }
  | { type: 'failed'; message: string; code?: string; isUsers: boolean };

/** A file that cannot be used, or whose examination failed. */
export class Unusable extends UserError {
  /** @param hash SHA-256 of what was examined; empty if it could not be read */
  constructor(
    message: string,
    readonly hash: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface ExaminerOptions {
  /** The child's module. */
  module?: string;
  /** Milliseconds for one examination; more for a large file. */
  timeout?: number;
  /** Bytes of memory a child may hold, where the system tells: on Linux. */
  memory?: number;
}

/** How many examinations run side by side. */
const usualParallel = 2;

/** How many, once some take long: a few hostile files must not hold up the rest. */
const maxParallel = 4;

/** Milliseconds after which an examination no longer keeps others from starting. */
const slowAfter = 5000;

/** Bytes per millisecond that any disk reads. */
const slowestDisk = 5000;

/** Milliseconds between two looks at a child's memory. */
const memoryInterval = 100;

/** Bytes: a child that has held more is not used again, since memory comes back in part only. */
const reusableMemory = 400 * 2 ** 20;

/** Milliseconds without work after which a child ends. */
const idleTimeout = 10_000;

export class Examiner {
  /** Children without work, and the timers that end them. */
  private readonly idle = new Map<ChildProcess, NodeJS.Timeout>();
  private readonly all = pLimit(maxParallel);
  private readonly quick = pLimit(usualParallel);
  private readonly module: string;
  private readonly timeout: number;
  private readonly memory: number;

  constructor({ module = usualModule, timeout = 60_000, memory = 2 * 2 ** 30 }: ExaminerOptions = {}) {
    this.module = module;
    this.timeout = timeout;
    this.memory = memory;
  }

  /**
   * @param onSlow called if it takes long
   * @throws Unusable if the file cannot be used, or if the child crashed, hung or took too much memory over it; the
   * system's error if that is why it cannot be read now
   */
  examine<K extends Kind>(kind: K, request: RequestOf<K>, onSlow?: () => void): Promise<ResultOf<K>> {
    const examined = this.all(async () => {
      let result: Promise<unknown> | undefined;
      const isQuick = await this.quick(() => {
        result = this.ask({ kind, request } as Request);
        const isDone = result.then(
          () => true,
          () => true,
        );
        return Promise.race([isDone, sleep(slowAfter, false, { ref: false })]);
      });
      if (!isQuick) onSlow?.();
      return result;
    });
    return examined as Promise<ResultOf<K>>;
  }

  /** A child that was killed from outside, by a system short of memory say, tells nothing of the file at first. */
  private ask(request: Request): Promise<unknown> {
    return pRetry(() => this.askOnce(request), {
      retries: 2,
      minTimeout: 2000,
      factor: 4,
      shouldRetry: ({ error }) => error instanceof Killed,
    }).catch((error: unknown) => {
      if (error instanceof Killed)
        throw new Unusable(`${error.message} Close other programs, or shrink it.`, error.hash);
      throw error;
    });
  }

  private async askOnce(request: Request): Promise<unknown> {
    const { path } = request.request;
    const timeout = this.timeout + (await sizeOf(path)) / slowestDisk;
    const child = this.take();
    return new Promise((resolve, reject) => {
      let hash = '';
      let highest = 0;
      const end = (outcome: () => void) => {
        clearTimeout(timer);
        clearInterval(meter);
        child.off('message', hear).off('exit', die).off('error', refuse);
        outcome();
      };
      const kill = (why: string) => {
        end(() => reject(new Unusable(`${path}: ${why}`, hash)));
        child.kill('SIGKILL');
      };
      const timer = setTimeout(
        () => kill(`examining it took more than ${Math.round(timeout / 1000)} seconds. It may be damaged.`),
        timeout,
      );
      const meter = setInterval(() => {
        highest = Math.max(highest, residentSize(child.pid!));
        if (highest > this.memory)
          kill(`examining it took more than ${Math.round(this.memory / 1e6)} MB of memory. Shrink it first.`);
      }, memoryInterval);
      const hear = (answer: Answer) => {
        if (answer.type === 'hashed') {
          hash = answer.hash;
          return;
        }
        end(() => {
          if (answer.type === 'done') resolve(answer.result);
          else {
            const cause = { code: answer.code };
            if (answer.isUsers) reject(new Unusable(answer.message, hash, { cause }));
            else reject(Object.assign(new Error(answer.message), cause));
          }
        });
        if (highest > reusableMemory) child.kill('SIGKILL');
        else this.release(child);
      };
      const die = (code: number | null, signal: string | null) =>
        end(() => {
          if (signal === 'SIGKILL') reject(new Killed(`${path}: the system ended its examination.`, hash));
          else
            reject(
              new Unusable(
                `${path}: its decoder failed (${signal ?? `code ${code}`}). It may be damaged.`,
                hash,
              ),
            );
        });
      const refuse = (error: Error) => end(() => reject(error));
      child.on('message', hear).on('exit', die).on('error', refuse);
      child.send(request, () => {});
    });
  }

  private take(): ChildProcess {
    const [reused] = this.idle;
    if (!reused) {
      const { child } = forkModule(this.module, { execArgv: ['--max-old-space-size=1024'] });
      return child.once('exit', () => this.forget(child));
    }
    const [child] = reused;
    this.forget(child);
    keepsRunning(child, true);
    return child;
  }

  private release(child: ChildProcess): void {
    const timer = setTimeout(() => {
      this.forget(child);
      child.kill('SIGKILL');
    }, idleTimeout);
    this.idle.set(child, timer.unref());
    keepsRunning(child, false);
  }

  private forget(child: ChildProcess): void {
    clearTimeout(this.idle.get(child));
    this.idle.delete(child);
  }
}

/** The system ended the child: for want of memory, or a person did. */
class Killed extends Unusable {}

/** Whether a child keeps this program running. */
function keepsRunning(child: ChildProcess, does: boolean): void {
  const how = does ? 'ref' : 'unref';
  child[how]();
  child.channel?.[how]();
  (child.stderr as Socket | null)?.[how]();
}

const sizeOf = (path: string) =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

const usualModule = createRequire(import.meta.url).resolve('#dist/examine/child.js');

/** The program's own. */
const examiner = new Examiner();

/** Examines a file: see Examiner. */
export const examine: Examiner['examine'] = (kind, request, onSlow) =>
  examiner.examine(kind, request, onSlow);
