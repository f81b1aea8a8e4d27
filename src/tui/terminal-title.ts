/** The window title, and the notification when everything is done. */
import type { PaintEvent } from '../render/events.js';
import { sum } from '../transfer/losses.js';
import { printable } from '../util/format.js';
import type { Painting } from './painting.js';
import type { ScreenState } from './state.js';

export const windowTitle = (text: string) => `\x1b]2;${printable(text)}\x07`;
/** Saves the current title on the terminal's title stack, where it has one. */
export const [keepTitle, restoreTitle] = ['\x1b[22;2t', '\x1b[23;2t'];

/** The window title after an event: progress of all pictures in progress. Undefined where it does not change. */
export function titleFor(event: PaintEvent, paintings: readonly Painting[]): string | undefined {
  if (event.event === 'idle') return 'stylize-tui';
  if (event.event !== 'iteration') return undefined;
  const shares = paintings.map(({ iteration, iterations }) => (100 * iteration) / iterations);
  return `${Math.floor(sum(shares) / shares.length)} % - stylize-tui`;
}

/** A bell, and a notification as OSC 9 and OSC 777: terminals ignore the one they do not support. */
export const notification = (text: string) =>
  `\x07\x1b]9;${printable(text)}\x1b\\\x1b]777;notify;stylize-tui;${printable(text).replaceAll(';', ',')}\x1b\\`;

/** Whether a change of state ended the last picture in progress, with none left in the queue. */
export const allDone = (before: ScreenState, after: ScreenState) =>
  before.paintings.length > 0 && after.paintings.length === 0 && after.waiting.size === 0;

export const summary = ({ counts: { done, failed } }: ScreenState) =>
  failed > 0 ? `${done} painted, ${failed} failed` : `${done} painted`;
