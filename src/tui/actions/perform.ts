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

export const perform = (action: Action, argument: string, store: Store, actions: ScreenActions) =>
  handlers[action](callOf(argument, store, actions));

export function callOf(argument: string, store: Store, actions: ScreenActions): Call {
  const say = (text: string) => store.act({ type: 'message', text });
  return { state: store.get(), argument, actions, act: store.act, now: store.get, say };
}
