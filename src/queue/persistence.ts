/** Retries work with a queue or a history while its disk is full or unavailable. */
import { isTransient, retryUntilAvailable } from '../util/transient.js';

export interface PersistenceOptions {
  /** Prints a message when waiting begins. */
  tell(text: string): void;
  /** After a stop nothing is retried. */
  stopped: AbortSignal;
}

export class Persistence {
  constructor(private readonly options: PersistenceOptions) {}

  /** Retries `work` as a whole until it succeeds. */
  async until<T>(work: () => T | Promise<T>): Promise<T> {
    const { tell, stopped } = this.options;
    if (stopped.aborted) return work();
    return retryUntilAvailable(work, {
      when: isTransient,
      report: ({ message }) =>
        tell(`The list of pictures cannot be written (${message}). Waiting until it can.`),
      signal: stopped,
    });
  }

  /** Runs work that calls until() several times. A stop ends it silently; the next start recovers the unwritten part. */
  async unlessStopped(work: () => Promise<void>): Promise<void> {
    const { stopped } = this.options;
    await work().catch((error) => {
      const isEnded = stopped.aborted && (isTransient(error) || error === stopped.reason);
      if (!isEnded) throw error;
    });
  }
}
