/** The help, generated from the key table. */
import { type Binding, bindings, shownKey } from './keymap.js';

export interface HelpLine {
  keys: string;
  command: string;
  help: string;
}

const panes: Record<NonNullable<Binding['pane']>, string> = { painting: '', queue: 'In the queue: ' };

/** The digits are one entry. */
const digits = '123456789';
const firstKey = (keys: readonly string[]) => (keys.join('') === digits ? '1-9' : shownKey(keys[0] ?? ''));

function others(keys: readonly string[]): string {
  const [, ...rest] = keys.join('') === digits ? [] : keys.map(shownKey);
  return rest.length > 0 ? ` So do${rest.length > 1 ? '' : 'es'} ${rest.join(' ')}.` : '';
}

/** The lines that contain every word of a search. */
export function helpFor(search: string): HelpLine[] {
  const words = search.toLowerCase().split(/\s+/);
  return bindings
    .map(
      ({ action, keys, help, pane, argument }): HelpLine => ({
        keys: firstKey(keys),
        command: `:${action}${argument ? ` ${argument}` : ''}`,
        help: `${pane ? panes[pane] : ''}${help}${others(keys)}`,
      }),
    )
    .filter(({ keys, command, help }) => {
      const text = `${keys} ${command} ${help}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
}
