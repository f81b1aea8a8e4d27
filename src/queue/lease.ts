/**
 * Who works with a ledger: one program at a time, since two would paint the same photos. The hold is a row in the
 * ledger itself, claimed in one transaction and kept fresh by a sign of life, so that it outlasts neither the process
 * nor a machine that went away.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { UserError } from '../util/errors.js';
import { localMinute } from '../util/time.js';
import type { Database } from './database.js';

/** Milliseconds between two signs of life, and without one until a process that cannot be looked at counts as gone. */
const renewEvery = 10_000;
const expiresAfter = 60_000;

/** A process, told apart from every other one. */
export interface Identity {
  /** For people. */
  host: string;
  /** Where its process id means something: a host, or a container on it. */
  pidNamespace: string;
  pid: number;
  /** When it was started, as the system tells it; empty where it does not. Ids are used again, also after a reboot. */
  startTime: string;
}

export interface LeaseHolder extends Identity {
  since: string;
  /** Its latest sign of life. */
  seen: string;
}

export class Lease {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly db: () => Database.Database,
    private readonly path: string,
    private readonly token: string,
    /** Set if the hold was somebody else's who is gone: a sentence that says so. */
    readonly note?: string,
  ) {
    process.once('exit', this.release);
  }

  /**
   * Gives a sign of life now and then, until `release`.
   * @param work is done each time, while the hold is ours
   * @returns a promise that rejects with a UserError should the hold be lost: this process slept, and another took over
   */
  keep(work: () => Promise<void>): Promise<never> {
    return new Promise((_, reject) => {
      this.timer = setInterval(() => void this.renew(work).catch(reject), renewEvery);
    });
  }

  /** Leaves the ledger to others. May be called twice. */
  readonly release = (): void => {
    clearInterval(this.timer);
    process.off('exit', this.release);
    try {
      this.db().prepare('DELETE FROM hold WHERE token = ?').run(this.token);
    } catch {
      // The share or the disk has gone: then the hold grows stale.
    }
  };

  private async renew(work: () => Promise<void>): Promise<void> {
    try {
      const { changes } = this.db()
        .prepare('UPDATE hold SET seen = ? WHERE token = ?')
        .run(now(), this.token);
      if (changes > 0) return await work();
    } catch {
      // Busy or full for the moment. Should it last, others find the hold stale, and a later beat finds that out.
      return;
    }
    const other = holderOf(this.db());
    throw new UserError(
      `${dirname(this.path)}: ${other ? describe(other) : 'another stylize-tui'} took over, since this process gave no sign of life for too long. It ends here.`,
    );
  }
}

/**
 * Claims the ledger for a process.
 * @param database gives the ledger as it is open at the moment
 * @throws UserError if somebody else holds it, who is alive as far as can be told
 */
export function claimLease(database: () => Database.Database, path: string, me = thisProcess()): Lease {
  const token = randomUUID();
  const db = database();
  const take = () => {
    const other = holderOf(db);
    const stale = other && staleness(other, me.pidNamespace);
    if (other && stale === undefined) {
      throw new UserError(
        `${dirname(path)}: another stylize-tui paints into it, ${describe(other)}. Stop that one, or choose another --output: two would paint the same photos.`,
      );
    }
    db.prepare('REPLACE INTO hold VALUES (1, ?, ?, ?, ?, ?, ?, ?)').run(
      ...[token, me.host, me.pidNamespace, me.pid, me.startTime, now(), now()],
    );
    return other && `Took over from ${describe(other)}: ${stale}.`;
  };
  return new Lease(database, path, token, db.transaction(take).immediate());
}

/** Who is at work with the ledger; undefined if nobody is, as far as can be told. */
export function workerAt(db: Database.Database): LeaseHolder | undefined {
  const holder = holderOf(db);
  return holder && staleness(holder, thisProcess().pidNamespace) === undefined ? holder : undefined;
}

export const describe = ({ pid, host, since }: LeaseHolder) =>
  `process ${pid} on ${host}, since ${localMinute(since)}`;

function holderOf(db: Database.Database): LeaseHolder | undefined {
  return (
    db
      .prepare('SELECT host, realm AS pidNamespace, pid, born AS startTime, since, seen FROM hold')
      .all() as LeaseHolder[]
  )[0];
}

/** Why a hold counts no more; undefined while it does. */
function staleness({ pidNamespace, pid, startTime, seen }: LeaseHolder, here: string): string | undefined {
  // A clock that goes wrong can be ahead as well.
  const isSilent = Math.abs(Date.now() - Date.parse(seen)) > expiresAfter;
  if (pidNamespace !== here) return isSilent ? `no sign of life since ${localMinute(seen)}` : undefined;
  const bornNow = startTimeOf(pid);
  const isRunning = startTime && bornNow !== undefined ? bornNow === startTime : exists(pid) && !isSilent;
  return isRunning ? undefined : 'that process is gone';
}

export function thisProcess(): Identity {
  const { pid } = process;
  return {
    host: hostname(),
    pidNamespace: `${hostname()} ${namespace()}`,
    pid,
    startTime: startTimeOf(pid) ?? '',
  };
}

/** Linux counts process ids anew in each container. */
function namespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** The boot and the moment in it when a process was started; empty for one that has ended; undefined if none can tell. */
function startTimeOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // pid (name) state …: the name may hold blanks and brackets. See proc(5) for the numbers.
    const [state, ...rest] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return state === 'Z' ? '' : `${boot} ${rest[18]}`;
  } catch {
    return undefined;
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const now = () => new Date().toISOString();
