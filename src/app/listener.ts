/** The listeners that a session reports to; session.ts registers them. */
import type { QueueListener } from '../queue/queue.js';

/** Receives events, previews and messages: the screen, a log, `--json`. */
export interface Listener extends Partial<QueueListener> {
  /** A message for the user that does not belong to a picture's events, usually a problem. */
  message?(text: string): void;
  /** Additional information that is no problem. */
  note?(text: string): void;
}

/** The listener that writes to the terminal. */
export interface Reporter extends Omit<Required<Listener>, 'note'> {
  /** Restores the terminal. May be called twice. */
  close(): void;
}
