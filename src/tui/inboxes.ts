/** The folders of a program that watches several: the names of their photos, and pausing them one by one. */
import { basename, sep } from 'node:path';
import { keyFor } from './keymap.js';

export interface Inbox {
  /** Different for each. */
  readonly name: string;
  /** Absolute, without links. Changes if they lead to another folder. */
  readonly folder: string;
}

/** For every row of long queues, so without resolving paths, which are resolved already. */
export const inboxOf = (inboxes: readonly Inbox[], source: string): Inbox | undefined =>
  inboxes.find(({ folder }) => source.startsWith(folder.endsWith(sep) ? folder : folder + sep));

/** The name of a photo, with that of its inbox if there are several: `phone/a.jpg`. */
export function nameOf(source: string, inboxes: readonly Inbox[]): string {
  const inbox = inboxOf(inboxes, source);
  return inbox ? `${inbox.name}/${basename(source)}` : basename(source);
}

/** Which inboxes are paused, and how to resume them; empty if none is. */
export function heldNote(held: readonly Inbox[]): string {
  if (held.length === 0) return '';
  const [are, them] = held.length === 1 ? ['is', 'it'] : ['are', 'them'];
  return `${namesOf(held)} ${are} paused; ${keyFor('inbox')} in the queue resumes ${them}.`;
}

export const namesOf = (inboxes: readonly Inbox[]) => inboxes.map(({ name }) => name).join(', ');
