/**
 * The lease on an outbox: one program paints into it at a time, since two would paint the same photos. It is a row in the
 * job store itself, claimed in one transaction and renewed now and then, so that it outlasts neither the process nor a
 * machine that went away.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { UserError } from '../util/errors.js';
import { localMinute } from '../util/time.js';
import type { Database } from './database.js';

/** Milliseconds between two renewals, and without one until a process on another machine counts as gone. */
const renewEvery = 10_000;
const expiresAfter = 60_000;

/** A process, told apart from every other one. */
export interface Identity {
  /** For people. */
  host: string;
  /** Where its process id means something: the host, and the pid namespace on it. */
  pidNamespace: string;
  pid: number;
  /** When it was started, as the system tells it; empty where it does not. Process ids are reused, also after a reboot. */
  startTime: string;
}

export interface LeaseHolder extends Identity {
  since: string;
  /** Its latest renewal. */
  seen: string;
}

export class Lease {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly db: () => Database.Database,
    private readonly path: string,
    private readonly token: string,
    /** Set if the lease was taken over from a process that is gone: a sentence that says so. */
    readonly note?: string,
  ) {
    process.once('exit', this.release);
  }

  /**
   * Renews the lease until `release`.
   * @param work is done after each renewal, unless it is still at work since an earlier one
   * @param failed is told what `work` rejects with; it is tried again after the next renewal
   * @returns a promise that rejects with a UserError should the lease be lost: this process slept, and another took over
   */
  keep(work: () => Promise<void>, failed: (error: Error) => void): Promise<never> {
    let isAtWork = false;
    const afterRenewal = async () => {
      if (isAtWork) return;
      isAtWork = true;
      await work().catch(failed);
      isAtWork = false;
    };
    return new Promise((_, reject) => {
      const renew = async () => {
        if (this.renew()) await afterRenewal();
      };
      this.timer = setInterval(() => void renew().catch(reject), renewEvery);
    });
  }

  /** Leaves the outbox to others. May be called twice. */
  readonly release = (): void => {
    clearInterval(this.timer);
    process.off('exit', this.release);
    try {
      this.db().prepare('DELETE FROM hold WHERE token = ?').run(this.token);
    } catch {
      // The share or the disk is away: the lease expires.
    }
  };

  /** False where the store cannot be written at the moment. Should that last, others take over, and a later call throws. */
  private renew(): boolean {
    let changes: number;
    try {
      ({ changes } = this.db().prepare('UPDATE hold SET seen = ? WHERE token = ?').run(now(), this.token));
    } catch {
      return false;
    }
    if (changes > 0) return true;
    const other = holderOf(this.db());
    throw new UserError(
      `${dirname(this.path)}: ${other ? describe(other) : 'another stylize-tui'} took over, since this process did not renew its lease for too long. It ends here.`,
    );
  }
}

/**
 * Takes the lease for a process.
 * @param database gives the job store as it is open at the moment
 * @throws UserError if another process has it, which is alive as far as can be told
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

/** Who has the lease; undefined if nobody has, as far as can be told. */
export function leaseHolderAt(db: Database.Database): LeaseHolder | undefined {
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

/** Why a lease has expired; undefined while it has not. */
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
