/** What the screen tells beyond its panes: the window's title, and that all is done. */
import type { PaintEvent } from '../queue/events.js';
import { sum } from '../transfer/losses.js';
import { printable } from '../util/format.js';
import type { Painting } from './painting.js';
import type { ScreenState } from './state.js';

export const windowTitle = (text: string) => `\x1b]2;${printable(text)}\x07`;
/** The title that was there before is kept by the terminal meanwhile, where it can. */
export const [keepTitle, restoreTitle] = ['\x1b[22;2t', '\x1b[23;2t'];

/** What the window's title says after an event: how far all pictures under way are. Undefined where it stays. */
export function titleFor(event: PaintEvent, paintings: readonly Painting[]): string | undefined {
  if (event.event === 'idle') return 'stylize-tui';
  if (event.event !== 'iteration') return undefined;
  const shares = paintings.map(({ iteration, iterations }) => (100 * iteration) / iterations);
  return `${Math.floor(sum(shares) / shares.length)} % - stylize-tui`;
}

/** A bell, and a notification in the two ways that terminals know: what they do not know they pass over. */
export const notification = (text: string) =>
  `\x07\x1b]9;${printable(text)}\x1b\\\x1b]777;notify;stylize-tui;${printable(text).replaceAll(';', ',')}\x1b\\`;

/** Whether with this event the last picture is over, and something has been painted since the last time. */
export const allDone = (before: ScreenState, after: ScreenState) =>
  before.paintings.length > 0 && after.paintings.length === 0 && after.waiting.size === 0;

export const summary = ({ counts: { done, failed } }: ScreenState) =>
  failed > 0 ? `${done} painted, ${failed} failed` : `${done} painted`;
