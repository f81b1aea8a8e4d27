/** Keys while something lies over the screen: it takes them all. */
import { callOf, perform } from './actions/perform.js';
import { styleFollowing, styleThis } from './actions/styles.js';
import { complete, run } from './command.js';
import { helpFor } from './help.js';
import type { Modal, Purpose } from './input.js';
import { edit, type KeyPress } from './keys.js';
import type { ScreenActions } from './screen-actions.js';
import type { Store } from './store.js';

interface Press extends KeyPress {
  store: Store;
  outlets: ScreenActions;
}

type Keys = { [K in Modal['kind']]: (over: Modal & { kind: K }, press: Press) => void };

/** Rows that a page is scrolled by. */
const page = 10;

const keys: Keys = {
  quit: (_, { input, store, outlets }) => {
    if (input === 'n') close(store);
    if (input !== 'y' && input !== 'q') return;
    store.act({ type: 'stop' });
    outlets.onQuit();
  },
  help: (over, { input, key, store }) => {
    const { text, first } = over;
    if (key.return || (text === '' && input === '?')) return close(store);
    const by =
      (key.downArrow && 1) || (key.upArrow && -1) || (key.pageDown && page) || (key.pageUp && -page) || 0;
    const last = helpFor(text).length - 1;
    const scrolled = Math.max(0, Math.min(last, first + by));
    const edited = by === 0 ? edit(text, { input, key }) : undefined;
    store.act({
      type: 'over',
      over: edited === undefined ? { ...over, first: scrolled } : { ...over, text: edited, first: 0 },
    });
  },
  details: (_, { input, key, store }) => {
    if (key.return || input === 'i' || input === 'q') close(store);
  },
  styles: (over, { input, key, store, outlets }) => {
    const { choices, chosen } = over;
    const choice = choices[chosen];
    const by = key.downArrow || key.tab || input === 'j' ? 1 : key.upArrow || input === 'k' ? -1 : 0;
    if (by !== 0 && choices.length > 0)
      return store.act({
        type: 'over',
        over: { ...over, chosen: (chosen + by + choices.length) % choices.length },
      });
    const act = key.return ? styleThis : input === 'w' ? styleFollowing : undefined;
    if (input === 'p' || input === 'q' || act) close(store);
    if (act && choice) act(choice, callOf('', store, outlets));
  },
  prompt: (over, { input, key, store, outlets }) => {
    const { purpose, text } = over;
    if (key.return) {
      close(store);
      return enter[purpose](text, store, outlets);
    }
    const edited =
      key.tab && purpose === 'command'
        ? complete(text, store.get())
        : key.tab
          ? text
          : edit(text, { input, key });
    if (edited === undefined) return;
    // As in other programs, one more backspace than there are letters closes the line.
    if (text === '' && edited === '' && purpose !== 'number') return close(store);
    if (purpose === 'filter') store.act({ type: 'filter', filter: edited });
    store.act({ type: 'over', over: { ...over, text: edited } });
  },
};

/** What a typed line is for. A filter counts while it is typed. */
const enter: Record<Purpose, (text: string, store: Store, outlets: ScreenActions) => void> = {
  number: (text, store, outlets) => text && perform('set', text, store, outlets),
  command: run,
  filter: () => {},
};

export function pressModal(over: Modal, press: Press): void {
  if (!press.key.escape) return keys[over.kind](over as never, press);
  if (over.kind === 'prompt' && over.purpose === 'filter') press.store.act({ type: 'filter', filter: '' });
  close(press.store);
}

const close = (store: Store) => store.act({ type: 'over' });
