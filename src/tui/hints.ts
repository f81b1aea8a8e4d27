/** Key hints for the last line, for the current state. */
import stringWidth from 'string-width';
import { candidates, namesFor } from './command.js';
import { inboxOf } from './inboxes.js';
import type { Modal } from './input.js';
import { bindings, shownKey } from './keymap.js';
import type { Layout } from './layout.js';
import type { Painting } from './painting.js';
import { isPath } from './picker.js';
import { selectedRow } from './queue.js';
import type { ScreenState } from './state.js';

export function hintsFor(state: ScreenState, { arrangement, columns }: Layout, shown?: Painting): string {
  const { modal, slots, pane } = state;
  // The way back is always there.
  if (modal) return fitting(modalHints(modal, state), columns, modal.kind === 'prompt' ? 0 : 1);
  const painting = shown !== undefined;
  const useful = {
    painting,
    slots: painting && slots > 1,
    one: painting && arrangement === 'one',
    queued: selectedRow(state) !== undefined,
    inboxes: state.inboxes.length > 1,
  };
  const entries = bindings
    .filter(
      ({ action, keys, label, needs, pane: home }) =>
        label &&
        keys.length > 0 &&
        !(action === 'queue' && pane === 'queue') &&
        (!needs || useful[needs]) &&
        (!home || home === pane),
    )
    // In the queue pane, its own keys come first.
    .sort((a, b) => Number(b.pane === 'queue') - Number(a.pane === 'queue'))
    .map(({ action, keys, label }) => `${shownKey(keys[0])} ${labelNow(action, state, shown) ?? label}`);
  // The way back, help and quit are always there.
  const back = wayBack(state);
  return back
    ? fitting([...entries.slice(0, -2), back, ...entries.slice(-2)], columns, 3)
    : fitting(entries, columns, 2);
}

export function modalHints(modal: Modal, state: ScreenState): string[] {
  if (modal.kind === 'prompt') return promptHints(modal, state);
  if (modal.kind === 'styles')
    return [
      'enter paint',
      ...(isPath(modal.text)
        ? ['tab complete']
        : ['← → share', modal.following ? 'tab this picture' : 'tab what follows']),
      'type a name or path',
      'esc back',
    ];
  if (modal.kind !== 'quit') return hints[modal.kind];
  return modal.resumes
    ? ['y quit', 'f finish first', 'k keep as it is', 'esc go on']
    : ['f finish first', 'k keep as it is', 't throw away', 'esc go on'];
}

const hints: Record<Exclude<Modal['kind'], 'prompt' | 'quit' | 'styles'>, string[]> = {
  help: ['type to search', '↑ ↓ scroll', 'esc back'],
  gallery: ['y copy', 'esc back'],
  viewer: ['← → paintings', 'c compare', 'v facts', 'o open', 'O folder', 'y copy path', 'esc back'],
};

function promptHints({ purpose, text }: Modal & { kind: 'prompt' }, state: ScreenState): string[] {
  if (purpose === 'number') return ['enter set', 'esc cancel'];
  if (purpose === 'filter') return ['enter keep', 'esc show all'];
  const names = text.trim() ? candidates(text, state) : namesFor(state);
  return names.length > 0 ? ['tab', ...names] : ['enter run', 'esc cancel'];
}

/** What esc does, where it leads back. */
function wayBack({ pane, view, filter }: ScreenState): string | undefined {
  if (filter) return 'esc show all';
  return pane === 'queue' || view.log ? 'esc back' : undefined;
}

function labelNow(action: string, state: ScreenState, shown?: Painting): string | undefined {
  if (action === 'pause' && shown?.paused) return 'resume';
  if (action === 'numbers' && state.view.numbers) return 'picture';
  if (action === 'inbox' && inboxOf(state.held, selectedRow(state)?.source ?? '')) return 'resume inbox';
  return undefined;
}

/** As many whole entries as fit; the last `always` of them in any case. */
function fitting(entries: readonly string[], columns: number, always = 0): string {
  const first = entries.slice(0, entries.length - always);
  const last = entries.slice(entries.length - always);
  while (first.length > 0 && stringWidth([...first, ...last].join('  ')) > columns) first.pop();
  return [...first, ...last].join('  ');
}
