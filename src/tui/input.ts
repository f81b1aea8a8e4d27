/** Where keys go: which pane has them, and what lies over the screen and takes them first. */
import type { JobRecord } from '../queue/job.js';
import type { Choice } from './screen-actions.js';

export type Pane = 'painting' | 'queue';

/** What is being typed in the last line but one. */
export type Purpose = 'number' | 'command' | 'filter';

/** One thing at a time. */
export type Modal =
  | { kind: 'quit' }
  | { kind: 'help'; text: string; first: number }
  | { kind: 'prompt'; purpose: Purpose; text: string }
  | { kind: 'details'; record: JobRecord }
  | { kind: 'styles'; choices: readonly Choice[]; chosen: number };

export interface Input {
  pane: Pane;
  /** The chosen picture in the queue, by job; the first one while there is none. */
  picked?: number;
  /** Only pictures whose name has this in it are shown. */
  filter: string;
  modal?: Modal;
}

export const initialInput: Input = { pane: 'painting', filter: '' };
