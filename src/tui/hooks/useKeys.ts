/** Routes keys to the open modal, else to the action that the key table binds them to. */
import { useContext, useEffect, useSyncExternalStore } from 'react';
import { callOf, perform } from '../actions/perform.js';
import { addPhotos } from '../actions/queue.js';
import { bindingFor, whyUnbound } from '../keymap.js';
import { type KeyPress, keysOf } from '../keys.js';
import { knobsOf } from '../knobs.js';
import type { Arrangement } from '../layout.js';
import { pasteModal, pressModal } from '../modal.js';
import { type MouseEvent, nameAt } from '../mouse.js';
import { shown } from '../painting.js';
import type { ScreenActions } from '../screen-actions.js';
import type { Store } from '../store.js';
import { useKeyboard } from './useKeyboard.js';
import { CanvasContext } from './usePicture.js';

export function useKeys(store: Store, actions: ScreenActions, arrangement?: Arrangement): void {
  const canvas = useContext(CanvasContext);
  useKeyboard({ press, paste, focus: () => canvas?.sendAgain(), mouse });
  const usesMouse = useSyncExternalStore(store.subscribe, () => store.get().mouse);
  useEffect(() => canvas?.reportMouse(usesMouse), [canvas, usesMouse]);

  function press({ input, key }: KeyPress): void {
    const { modal, pane, filter, stopping } = store.get();
    if (key.ctrl && input === 'c') {
      store.grace.quit();
      store.act({ type: 'stop' });
      return actions.onInterrupt();
    }
    if (stopping) return;
    if (modal) return pressModal(modal, { input, key, store, actions });
    if (key.escape) {
      if (filter) store.act({ type: 'filter', filter: '' });
      else store.act({ type: 'uncover' });
      return;
    }
    const binding = bindingFor(input, key, pane);
    // A binding with several keys passes on the character.
    if (!binding) {
      const reason = whyUnbound(input, key);
      if (reason) store.act({ type: 'message', text: reason });
      return;
    }
    if (binding.needs === 'one' && arrangement !== 'one')
      return store.act({ type: 'message', text: 'Picture and losses are both in view.' });
    perform(binding.action, callOf(binding.action === 'slot' ? input : '', store, actions));
  }

  function paste(text: string): void {
    const { modal, stopping } = store.get();
    if (stopping) return;
    if (modal) pasteModal(modal, text, store, actions);
    else addPhotos(text, callOf('', store, actions));
  }

  function mouse({ what, x, y }: MouseEvent): void {
    const state = store.get();
    const { modal, stopping, pane, view, paintings } = state;
    if (stopping || !state.mouse) return;
    if (what !== 'click') {
      const { key } = keysOf(what === 'up' ? '\x1b[A' : '\x1b[B')[0];
      if (modal) pressModal(modal, { input: '', key, store, actions });
      else perform(what === 'up' ? 'previous' : 'next', callOf('', store, actions));
      return;
    }
    if (modal || pane !== 'painting' || view.log || paintings.length === 0) return;
    if (view.full || canvas?.isPictureAt(x, y)) return perform('full', callOf('', store, actions));
    const names = knobsOf(shown(state)!).map(({ name }) => name);
    const chosen = nameAt(canvas?.lineAt(y) ?? '', x, names);
    if (chosen >= 0) store.act({ type: 'choose', chosen });
  }
}
