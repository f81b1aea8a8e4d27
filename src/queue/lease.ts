/**
 * The lease on an outbox: only one program at a time paints into it, since two would paint the same photos. It is a row in
 * the job store, claimed in one transaction and renewed regularly, so that it expires if the process or the machine dies.
 */
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { UserError } from '../util/errors.js';
import { localMinute } from '../util/time.js';
import type { Database } from './database.js';
import { Heartbeat } from './heartbeat.js';
import { type Identity, isRunning, thisProcess } from './process-identity.js';

/** Milliseconds between two renewals, and without renewal until a process that cannot be checked counts as gone. */
const renewEvery = 10_000;
const expiresAfter = 60_000;

/** Milliseconds between two checks for a renewal by the current holder. */
const checkEvery = 1000;

export interface LeaseHolder extends Identity {
  token: string;
  since: string;
  /** Time of its latest renewal. */
  seen: string;
}

export class Lease {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly db: () => Database.Database,
    private readonly path: string,
    private readonly token: string,
    /** A message, if the lease was taken over from a process that is gone. */
    readonly note?: string,
  ) {
    process.once('exit', this.release);
  }

  /**
   * Renews the lease until release().
   * @param work called after each renewal, unless an earlier call is still running
   * @param failed called with the error if `work` rejects, once for repeated errors; it is retried after the next renewal
   * @returns a promise that rejects with a UserError if the lease is lost because this process did not run for a while
   */
  keep(work: () => Promise<void>, failed: (error: Error) => void): Promise<never> {
    let isAtWork = false;
    let told: string | undefined;
    const afterRenewal = async () => {
      if (isAtWork) return;
      isAtWork = true;
      const error = await work().catch((error: Error) => error);
      if (error && error.message !== told) failed(error);
      told = error?.message;
      isAtWork = false;
    };
    return new Promise((_, reject) => {
      const renew = async () => {
        if (this.renew()) await afterRenewal();
      };
      this.timer = setInterval(() => void renew().catch(reject), renewEvery);
    });
  }

  /** Gives up the lease. May be called twice. */
  readonly release = (): void => {
    clearInterval(this.timer);
    process.off('exit', this.release);
    try {
      this.db().prepare('DELETE FROM hold WHERE token = ?').run(this.token);
    } catch {
      // The disk is unavailable: the lease will expire.
    }
  };

  /** False if the store cannot be written at the moment. If that lasts, another process takes over and a later call throws. */
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
 * Acquires the lease for a process. If a process on another machine has it, waits until that renews it, or has not for a
 * minute.
 * @param database returns the currently open job store
 * @param say prints what is waited for
 * @throws UserError if another process has it and is, as far as can be determined, alive
 */
export async function claimLease(
  database: () => Database.Database,
  path: string,
  say: (text: string) => void = () => {},
  me = thisProcess(),
): Promise<Lease> {
  const token = randomUUID();
  const heartbeat = new Heartbeat();
  let watched: string | undefined;
  /** Undefined while it is unknown whether the holder is alive. */
  const take = (): { note?: string } | undefined => {
    const db = database();
    const other = holderOf(db);
    const running = other && isRunning(other, me);
    const mark = other && `${other.token} ${other.seen}`;
    if (running || (watched !== undefined && mark !== undefined && mark !== watched))
      throw new UserError(
        `${dirname(path)}: another stylize-tui paints into it, ${describe(other!)}. Stop that one, or choose another --output: two would paint the same photos.`,
      );
    watched = mark;
    if (mark !== undefined && running === undefined && heartbeat.stillFor(mark) < expiresAfter)
      return undefined;
    db.prepare('REPLACE INTO hold VALUES (1, ?, ?, ?, ?, ?, ?, ?)').run(
      ...[token, me.host, me.pidNamespace, me.pid, me.startTime, now(), now()],
    );
    const why = running === false ? 'that process is gone' : 'it gave no sign of life for a minute';
    return { note: other && `Took over from ${describe(other)}: ${why}.` };
  };
  for (let isFirst = true; ; isFirst = false) {
    const taken = database().transaction(take).immediate();
    if (taken) return new Lease(database, path, token, taken.note);
    if (isFirst)
      say(
        `${dirname(path)}: another stylize-tui may paint into it, ${describe(holderOf(database())!)}. Waiting for a sign of life, a minute at most.`,
      );
    await new Promise((resolve) => setTimeout(resolve, checkEvery));
  }
}

/**
 * The process that has the lease; undefined if none has. For a process that cannot be checked it is a guess by this machine's
 * clock: only claimLease() takes the time to watch it.
 */
export function leaseHolderAt(db: Database.Database): LeaseHolder | undefined {
  const holder = holderOf(db);
  if (!holder) return undefined;
  const isRecent = Math.abs(Date.now() - Date.parse(holder.seen)) <= expiresAfter;
  return (isRunning(holder, thisProcess()) ?? isRecent) ? holder : undefined;
}

export const describe = ({ pid, host, since }: LeaseHolder) =>
  `process ${pid} on ${host}, since ${localMinute(since)}`;

function holderOf(db: Database.Database): LeaseHolder | undefined {
  return (
    db
      .prepare('SELECT token, host, realm AS pidNamespace, pid, born AS startTime, since, seen FROM hold')
      .all() as LeaseHolder[]
  )[0];
}

const now = () => new Date().toISOString();
