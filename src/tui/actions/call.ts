/** The context that actions get, and helpers that most of them use. */

import { basename } from 'node:path';
import { describeChange } from '../knobs.js';
import { type Painting, shown } from '../painting.js';
import type { Grace } from '../pending.js';
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
  /** Says why the argument is wrong; an input line then stays open. */
  refuse(reason: string): void;
  grace: Grace;
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

/**
 * Changes a painting on the screen and in its process, and says what is different now.
 * @returns what differs, as for people; undefined where nothing does
 */
export function changePainting(
  painting: Painting,
  change: ScreenChange,
  { act, now, actions, state }: Call,
): string | undefined {
  act(change);
  const { job, source } = painting;
  const after = now().paintings.find((painting) => painting.job === job);
  if (!after || after.sent === painting.sent) return undefined;
  actions.control(job, { type: 'change', number: after.sent, ...difference(painting, after) });
  const { text, knobs } = describeChange(painting, after);
  // A key that is held down makes one line of the log, from the first value to the last.
  const last = state.log.at(-1)?.change;
  const { weights, styles, layers, iterations } = painting;
  const from =
    last?.job === job && last.knobs === knobs ? last.from : { weights, styles, layers, iterations };
  const line = {
    time: new Date().toISOString(),
    text: `${basename(source)}: ${describeChange(from, after).text}`,
  };
  act({ type: 'changed', line: { ...line, error: false, change: { job, knobs, from } } });
  return text;
}

/** Parses 12, 0.5, 1e-5, 5k, 1.2M: numbers from 0 up. Refuses anything else. */
export function numberFrom(text: string, { refuse }: Pick<Call, 'refuse'>): number | undefined {
  const [, digits, magnitude] = /^((?:\d*\.?\d+|\d+\.)(?:e-?\d+)?)([km]?)$/i.exec(text.trim()) ?? [];
  if (digits === undefined)
    return refuse(`${text || 'nothing'}: expected a number such as 12, 0.5, 9k or 1e-5.`) as undefined;
  return Number(digits) * { '': 1, k: 1e3, m: 1e6 }[magnitude.toLowerCase() as '' | 'k' | 'm'];
}
