/** What the program tells, to any number of listeners: each is one more in session.ts. */
import type { QueueListener } from '../queue/queue.js';

/** Whoever is told what happens: the screen, a log, `--json`. */
export interface Listener extends Partial<QueueListener> {
  /** Something a person should know that is no event of a picture: mostly what is amiss. */
  message?(text: string): void;
  /** Something good to know where nothing is amiss. */
  note?(text: string): void;
}

/** A listener that has the terminal. */
export interface Reporter extends Omit<Required<Listener>, 'note'> {
  /** Puts the terminal back as it was. May be called twice. */
  close(): void;
}
