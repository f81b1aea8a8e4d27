/** What the screen asks the session to do. */

import type { TermKey } from '../losses/table.js';
import type { JobRecord } from '../queue/job.js';
import type { Control } from '../render/messages.js';
import type { Settings } from '../settings/settings.js';
import type { Inbox } from './inboxes.js';
import type { Tuning } from './tuning.js';

export interface ScreenActions {
  control(job: number, message: Control): void;
  /** Opens a file or folder in the system's program. Rejects with a message for the user. */
  open(path: string): Promise<void>;
  /** Copies text to the clipboard. */
  copy(text: string): Promise<void>;
  queue: QueueActions;
  styles: StyleActions;
  /** Whether a picture that is stopped while it is painted resumes at the next start of this command; otherwise it is lost. */
  resumes: boolean;
  /** The address at which browsers show the paintings. */
  gallery?: string;
  /**
   * q, after confirmation where pictures are being painted.
   * @param how stop: now; finish: after the pictures that are being painted
   */
  onQuit(how: 'stop' | 'finish'): void;
  /** Ctrl-C, which arrives as a key in raw mode; the second time, exit at once. */
  onInterrupt(): void;
}

/** Actions on pictures that are not being painted. */
export interface QueueActions {
  /** Moves a waiting picture one place later (1) or earlier (−1), or to the front (null). */
  move(job: number, by: 1 | -1 | null): void;
  /** Queues photos by their paths. Rejects with a message for the user. */
  add(paths: readonly string[]): Promise<void>;
  /** Removes a waiting picture from the queue. */
  drop(job: number): void;
  /** Starts no pictures of these inboxes; undefined where other machines paint them too. */
  hold?(inboxes: readonly Inbox[]): void;
  /** Retries failed pictures. Rejects with a message for the user. */
  retry(jobs: readonly number[]): Promise<void>;
  /** Everything recorded about a job. */
  record(job: number): JobRecord | undefined;
  /** Paints all later pictures the way this one is painted now. Rejects with a message for the user. */
  follow(job: number, like: Tuning): Promise<void>;
}

/** What was changed by hand, and stays with other styles. */
export interface ByHand {
  weights: Partial<Record<TermKey, number>>;
  /** All of them, where one was changed. */
  styleLayers?: Readonly<Record<string, number>>;
  iterations?: number;
}

/** Choosing styles. All of these reject with a message for the user. What flags say stays. */
export interface StyleActions {
  /** @param job the picture shown, whose styles' folders are searched for others */
  choices(job?: number): Promise<Choice[]>;
  /** Folders and pictures whose path begins with this text. */
  paths(text: string): Promise<Choice[]>;
  /** Restarts the picture being painted, with other settings. */
  repaint(job: number, choice: Choice, byHand: ByHand): Promise<void>;
  /** Paints all later pictures with these settings. */
  follow(choice: Choice): Promise<void>;
}

/** An entry of the style picker. */
export interface Choice {
  name: string;
  kind: 'painting' | 'preset' | 'folder';
  settings: Partial<Settings>;
  /** One line about it. */
  about: string;
  /** Path of a picture to preview: the painting, or the preset's first style; of a folder, its own. */
  picture?: string;
}
