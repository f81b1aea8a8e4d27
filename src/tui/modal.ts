/** Keys while a modal is open: it gets them all. */
import type { Key } from 'ink';
import type { Call } from './actions/call.js';
import { callOf, perform } from './actions/perform.js';
import { view } from './actions/queue.js';
import { page } from './actions/screen.js';
import { styleFollowing, styleThis } from './actions/styles.js';
import { complete, run } from './command.js';
import { helpFor } from './help.js';
import type { Modal, Purpose } from './input.js';
import { edit, type KeyPress } from './keys.js';
import { lineOf, pathsIn } from './paste.js';
import { completePath, isPath, type Picker, shownChoices, stepShare } from './picker.js';
import { nextPainting, stepped } from './queue.js';
import type { ScreenActions } from './screen-actions.js';
import type { Store } from './store.js';

interface Press extends KeyPress {
  store: Store;
  actions: ScreenActions;
}

type Keys = { [K in Modal['kind']]: (modal: Modal & { kind: K }, press: Press) => void };

const keys: Keys = {
  quit: ({ resumes }, { input, store, actions }) => {
    const { act, get, grace } = store;
    if (input === 'n') close(store);
    if (resumes ? input === 'y' || input === 'q' : input === 't') {
      grace.quit();
      act({ type: 'stop' });
      actions.onQuit('stop');
    }
    if (input === 'k') {
      // Of what is not begun there is nothing to keep.
      for (const { job, iteration } of get().paintings)
        actions.control(job, { type: iteration > 0 ? 'accept' : 'stop' });
    }
    if (input === 'k' || input === 'f') {
      grace.quit();
      act({ type: 'finish' });
      actions.onQuit('finish');
    }
  },
  help: (modal, { input, key, store }) => {
    const { text, first } = modal;
    if (key.return || (text === '' && input === '?')) return close(store);
    const by = rowsBy(key);
    const last = helpFor(text).length - 1;
    const scrolled = Math.max(0, Math.min(last, first + by));
    const edited = by === 0 ? edit(text, { input, key }) : undefined;
    store.act({
      type: 'modal',
      modal: edited === undefined ? { ...modal, first: scrolled } : { ...modal, text: edited, first: 0 },
    });
  },
  viewer: (modal, { input, key, store, actions }) => {
    const { kind: _, record, ...how } = modal;
    const call = callOf('', store, actions);
    if (key.return || input === 'i' || input === 'q') return close(store);
    if (input === 'o') return perform('open', call);
    if (input === 'O') return perform('folder', call);
    if (input === 'y') return perform('copy', call);
    if (input === 'c') {
      const modes = ['result', 'beside', 'content'] as const;
      const mode = modes[(modes.indexOf(modal.mode) + 1) % modes.length];
      return store.act({ type: 'modal', modal: { ...modal, mode } });
    }
    if (input === 'v') return store.act({ type: 'modal', modal: { ...modal, facts: !modal.facts } });
    const by =
      key.rightArrow || key.downArrow || input === 'j'
        ? 1
        : key.leftArrow || key.upArrow || input === 'k'
          ? -1
          : undefined;
    const job = by === undefined ? undefined : nextPainting({ ...store.get(), filter: '' }, record.id, by);
    if (job === undefined) return;
    store.act({ type: 'pick', job });
    view(job, how, call);
  },
  gallery: ({ url }, { input, key, store, actions }) => {
    if (input === 'y') {
      const say = (text: string) => store.act({ type: 'message', text });
      actions.copy(url).then(
        () => say('Copied the address of the gallery.'),
        ({ message }: Error) => say(message),
      );
    }
    if (key.return || ['g', 'q', 'y'].includes(input)) close(store);
  },
  styles: (modal, { input, key, store, actions }) => {
    const { text, chosen, share, following } = modal;
    const visible = shownChoices(modal);
    const choice = visible.at(chosen);
    const change = (changes: Partial<Picker>) =>
      store.act({ type: 'modal', modal: { ...modal, ...changes } });
    const by = rowsBy(key);
    if (by !== 0)
      return visible.length > 0 ? change({ chosen: stepped(chosen, by, visible.length) }) : undefined;
    if (key.leftArrow || key.rightArrow) {
      if (choice?.kind === 'painting') change({ share: stepShare(share, key.rightArrow ? 1 : -1) });
      return;
    }
    if (key.tab && !isPath(text)) return change({ following: !following });
    if (key.return && choice?.kind !== 'folder') {
      if (!choice) return;
      close(store);
      return (following ? styleFollowing : styleThis)(choice, share, callOf('', store, actions));
    }
    const edited = key.return
      ? choice!.picture!
      : key.tab
        ? completePath(text, modal.paths)
        : edit(text, { input, key });
    if (edited !== undefined) pickText(modal, edited, store, actions);
  },
  prompt: (modal, { input, key, store, actions }) => {
    const { purpose, text } = modal;
    if (key.return) {
      // First, since a command may open another one.
      close(store);
      const reopen = (reason: string) => store.act({ type: 'modal', modal: { ...modal, reason } });
      return enter[purpose](callOf(text, store, actions, reopen));
    }
    const edited =
      key.tab && purpose === 'command'
        ? complete(text, store.get())
        : key.tab
          ? text
          : edit(text, { input, key });
    if (edited === undefined) return;
    // As in vi and less, backspace on an empty line closes it.
    if (text === '' && edited === '' && purpose !== 'number') return close(store);
    if (purpose === 'filter') store.act({ type: 'filter', filter: edited });
    store.act({ type: 'modal', modal: { ...modal, text: edited, reason: undefined } });
  },
};

/** What enter does with the typed line. A filter applies while it is typed. */
const enter: Record<Purpose, (call: Call) => void> = {
  number: (call) => call.argument && perform('set', call),
  command: run,
  filter: () => {},
};

/** How many rows a key moves by in a list; 0 for other keys. */
function rowsBy(key: Key): number {
  if (key.home || key.end) return key.end ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  return (key.downArrow && 1) || (key.upArrow && -1) || (key.pageDown && page) || (key.pageUp && -page) || 0;
}

/** Changes the text of the style picker; for a path, what is there is looked up. */
function pickText(
  modal: Modal & { kind: 'styles' },
  text: string,
  store: Store,
  actions: ScreenActions,
): void {
  store.act({ type: 'modal', modal: { ...modal, text, chosen: 0 } });
  if (!isPath(text)) return;
  actions.styles.paths(text).then(
    (paths) => {
      // More may have been typed meanwhile.
      const now = store.get().modal;
      if (now?.kind === 'styles' && now.text === text)
        store.act({ type: 'modal', modal: { ...now, paths, chosen: 0 } });
    },
    ({ message }: Error) => store.act({ type: 'message', text: message }),
  );
}

export function pressModal(modal: Modal, press: Press): void {
  if (!press.key.escape) return keys[modal.kind](modal as never, press);
  if (modal.kind === 'prompt' && modal.purpose === 'filter') press.store.act({ type: 'filter', filter: '' });
  close(press.store);
}

/** Pasted text goes into an input line; elsewhere it does nothing. */
export function pasteModal(modal: Modal, pasted: string, store: Store, actions: ScreenActions): void {
  if (modal.kind === 'styles')
    return pickText(modal, pathsIn(pasted).at(0) ?? lineOf(pasted), store, actions);
  if (modal.kind !== 'prompt') return;
  const text = modal.text + lineOf(pasted);
  if (modal.purpose === 'filter') store.act({ type: 'filter', filter: text });
  store.act({ type: 'modal', modal: { ...modal, text } });
}

const close = (store: Store) => store.act({ type: 'modal' });
