/** Routes keys to the open modal, else to the action that the key table binds them to. */
import { callOf, perform } from '../actions/perform.js';
import { addPhotos } from '../actions/queue.js';
import { bindingFor, whyUnbound } from '../keymap.js';
import type { KeyPress } from '../keys.js';
import type { Arrangement } from '../layout.js';
import { pasteModal, pressModal } from '../modal.js';
import type { ScreenActions } from '../screen-actions.js';
import type { Store } from '../store.js';
import { useKeyboard } from './useKeyboard.js';

export function useKeys(store: Store, actions: ScreenActions, arrangement?: Arrangement): void {
  useKeyboard(press, paste);

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
}
