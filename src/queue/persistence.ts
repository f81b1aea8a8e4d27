/** Work with a queue or a history whose disk may be full or away: it is done as soon as it can be. */
import { isTransient, retryUntilAvailable } from '../util/transient.js';

export interface PersistenceOptions {
  /** Is told what is waited for. */
  tell(text: string): void;
  /** After a stop everything is done at once or not at all. */
  stopped: AbortSignal;
}

export class Persistence {
  constructor(private readonly options: PersistenceOptions) {}

  /** Does one thing: it is repeated as a whole until it succeeds. */
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

  /** Does several things. A stop ends the waiting for good; the next start recovers what was not written. */
  async unlessStopped(work: () => Promise<void>): Promise<void> {
    const { stopped } = this.options;
    await work().catch((error) => {
      const isEnded = stopped.aborted && (isTransient(error) || error === stopped.reason);
      if (!isEnded) throw error;
    });
  }
}
