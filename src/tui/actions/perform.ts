/** Dispatches keys and commands to their actions. */
import type { Action } from '../keymap.js';
import type { ScreenActions } from '../screen-actions.js';
import type { Store } from '../store.js';
import type { Call } from './call.js';
import { paintingActions } from './painting.js';
import { queueActions } from './queue.js';
import { screenActions } from './screen.js';

const handlers: Record<Action, (call: Call) => void> = {
  ...paintingActions,
  ...queueActions,
  ...screenActions,
};

export const perform = (action: Action, call: Call) => handlers[action](call);

/** @param refuse told why the argument is wrong; by default the message line says it */
export function callOf(
  argument: string,
  store: Store,
  actions: ScreenActions,
  refuse?: (reason: string) => void,
): Call {
  const { act, get, grace } = store;
  const say = (text: string) => act({ type: 'message', text });
  return { state: get(), argument, actions, act, now: get, say, refuse: refuse ?? say, grace };
}
