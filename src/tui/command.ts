/** The command line: every action by name, and every weight with a number to set it to. */

import type { Call } from './actions/call.js';
import { setTo } from './actions/painting.js';
import { perform } from './actions/perform.js';
import { type Action, bindings, keyFor } from './keymap.js';
import { knobsOf } from './knobs.js';
import { shown } from './painting.js';
import type { ScreenState } from './state.js';

/** All command names, in the order of the key table, then the weights of the painting shown. */
export function namesFor(state: ScreenState): string[] {
  const painting = shown(state);
  const actions = bindings.map(({ action }) => action).filter((action) => action !== 'command');
  return [...actions, ...(painting ? knobsOf(painting).map(({ name }) => name) : [])];
}

/** Completions, while the first word is being typed. */
export const candidates = (text: string, state: ScreenState) =>
  /\s/.test(text.trimStart()) ? [] : namesFor(state).filter((name) => name.startsWith(text.trimStart()));

/** The text with its first word completed to the longest common prefix. */
export function complete(text: string, state: ScreenState): string {
  const [first, ...others] = candidates(text, state);
  if (first === undefined) return text;
  let length = first.length;
  while (!others.every((name) => name.startsWith(first.slice(0, length)))) length--;
  return others.length === 0 ? `${first} ` : first.slice(0, length);
}

/** Runs the command in the call's argument; an unambiguous prefix of its name is enough. */
export function run(typed: Call): void {
  const [, word, argument] = /^\s*(\S*)\s*(.*?)\s*$/.exec(typed.argument)!;
  if (word === '') return;
  const { state } = typed;
  const call = { ...typed, argument };
  const found = candidates(word, state);
  const name = found.includes(word) ? word : found.length === 1 ? found[0] : undefined;
  if (name === undefined) {
    return call.refuse(
      found.length > 1
        ? `${word}: which of ${found.join(', ')}?`
        : `There is no command ${word}; ${keyFor('help')} lists them.`,
    );
  }
  const binding = bindings.find(({ action }) => action === name);
  if (binding?.argument && !binding.argument.startsWith('[') && !argument)
    return call.refuse(`${name}: expected ${name} ${binding.argument}.`);
  if (binding) return perform(name as Action, call);
  const painting = shown(state)!;
  setTo(
    painting,
    knobsOf(painting).findIndex((knob) => knob.name === name),
    call,
  );
}
