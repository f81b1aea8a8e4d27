/** Keyboard focus: the pane that has it, and the modal that takes precedence. */
import type { JobRecord } from '../queue/job.js';
import type { Picker } from './picker.js';

export type Pane = 'painting' | 'queue';

/** What the prompt is asking for. */
export type Purpose = 'number' | 'command' | 'filter';

/** At most one is open. */
export type Modal =
  | { kind: 'quit'; resumes: boolean }
  | { kind: 'help'; text: string; first: number }
  /** `reason`: why what was entered is wrong. */
  | { kind: 'prompt'; purpose: Purpose; text: string; reason?: string }
  | { kind: 'gallery'; url: string }
  | ({ kind: 'viewer' } & Viewer)
  | ({ kind: 'styles' } & Picker);

/** One picture of the queue, shown large. */
export interface Viewer {
  record: JobRecord;
  /** The painting, it beside the photo, or the photo. */
  mode: 'result' | 'beside' | 'content';
  /** Its recipe and losses are shown too. */
  facts: boolean;
}

export interface Input {
  pane: Pane;
  /** The selected picture in the queue, by job; the first one where it is not set. */
  picked?: number;
  /** Only pictures whose name contains this are shown. */
  filter: string;
  modal?: Modal;
}

export const initialInput: Input = { pane: 'painting', filter: '' };
