/** The context that actions get, and helpers that most of them use. */

import { type Painting, shown } from '../painting.js';
import { type Row, selectedRow } from '../queue.js';
import type { ScreenActions } from '../screen-actions.js';
import type { ScreenChange, ScreenState } from '../state.js';
import { difference } from '../tuning.js';

export interface Call {
  state: ScreenState;
  /** The command's argument, or the character of a key with several meanings. */
  argument: string;
  actions: ScreenActions;
  act(change: ScreenChange): void;
  /** The current state, including what the action did so far. */
  now(): ScreenState;
  say(text: string): void;
}

/** An action on the painting that is shown. */
export const onPainting = (action: (painting: Painting, call: Call) => void) => (call: Call) => {
  const painting = shown(call.state);
  if (painting) action(painting, call);
  else call.say('No picture is being painted.');
};

/** An action on the selected picture of the queue. */
export const onRow = (action: (row: Row, call: Call) => void) => (call: Call) => {
  const row = selectedRow(call.state);
  if (row) action(row, call);
  else call.say('There is no picture in the queue.');
};

/** Changes a painting on the screen and in its process. Returns whether anything differs. */
export function changePainting(
  painting: Painting,
  change: ScreenChange,
  { act, now, actions }: Call,
): boolean {
  act(change);
  const after = now().paintings.find(({ job }) => job === painting.job);
  if (!after || after.sent === painting.sent) return false;
  actions.control(painting.job, { type: 'change', number: after.sent, ...difference(painting, after) });
  return true;
}

/** Parses 12, 0.5, 1e-5, 5k, 1.2M: numbers from 0 up. Shows a message for anything else. */
export function numberFrom(text: string, { say }: Pick<Call, 'say'>): number | undefined {
  const [, digits, magnitude] = /^((?:\d*\.?\d+|\d+\.)(?:e-?\d+)?)([kM]?)$/.exec(text.trim()) ?? [];
  if (digits === undefined)
    return say(`${text || 'nothing'}: expected a number such as 12, 0.5 or 1e-5.`) as undefined;
  return Number(digits) * { '': 1, k: 1e3, M: 1e6 }[magnitude as '' | 'k' | 'M'];
}
