/**
 * Actions that cannot be reverted. They are done a few seconds after their key, unless u takes them back; the same key again
 * does them at once.
 */

export interface Pending {
  number: number;
  /** What it does and to what: the same again is meant to be done at once. */
  what: string;
  /** The jobs that it is about; it lapses when a painting among them ends by itself. */
  jobs: readonly number[];
  /** What is going to happen. */
  text: string;
  /** The keys that take it back or do it at once, for the end of the message. */
  keys: string;
  /** Said when it is taken back. */
  kept: string;
  /** It is done when the program is quit, too; otherwise it lapses then. */
  survivesQuit?: boolean;
}

/** Milliseconds for which an action can be taken back. */
export const usualGrace = 5000;

/** Access to the state, as the store has it. */
interface Board {
  pending(): readonly Pending[];
  add(pending: Pending): void;
  remove(number: number): void;
}

export class Grace {
  private number = 0;
  private readonly works = new Map<number, { timer: NodeJS.Timeout; work: () => void }>();

  /** @param period milliseconds for which an action can be taken back */
  constructor(
    private readonly board: Board,
    private readonly period: number,
  ) {}

  /** Does `work` when the time is up, unless it is taken back; at once if the same is pending already. */
  after(pending: Omit<Pending, 'number'>, work: () => void): void {
    const same = this.board.pending().find(({ what }) => what === pending.what);
    if (same) return this.finish(same.number);
    // What was decided last about a picture counts.
    for (const { number, jobs } of this.board.pending())
      if (jobs.some((job) => pending.jobs.includes(job))) this.end(number);
    const number = ++this.number;
    const timer = setTimeout(() => this.finish(number), this.period).unref();
    this.works.set(number, { timer, work });
    this.board.add({ ...pending, number });
  }

  /** Takes back the latest action; undefined where none is pending. */
  takeBack(): Pending | undefined {
    const latest = this.board.pending().at(-1);
    if (latest) this.end(latest.number);
    return latest;
  }

  /** The program is being quit. */
  quit(): void {
    for (const { number, survivesQuit } of this.board.pending())
      if (survivesQuit) this.finish(number);
      else this.end(number);
  }

  private finish(number: number): void {
    const isPending = this.board.pending().some((pending) => pending.number === number);
    const work = this.end(number);
    if (isPending) work?.();
  }

  private end(number: number): (() => void) | undefined {
    const entry = this.works.get(number);
    clearTimeout(entry?.timer);
    this.works.delete(number);
    this.board.remove(number);
    return entry?.work;
  }
}
