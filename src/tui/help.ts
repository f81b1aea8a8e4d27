/** The help, generated from the key table. */
import { type Binding, bindings } from './keymap.js';

export interface HelpLine {
  keys: string;
  command: string;
  help: string;
}

const panes: Record<NonNullable<Binding['pane']>, string> = { painting: '', queue: 'In the queue: ' };

/** The lines that contain every word of a search. */
export function helpFor(search: string): HelpLine[] {
  const words = search.toLowerCase().split(/\s+/);
  return bindings
    .map(
      ({ action, keys, help, pane, argument }): HelpLine => ({
        keys,
        command: `:${action}${argument ? ` ${argument}` : ''}`,
        help: `${pane ? panes[pane] : ''}${help}`,
      }),
    )
    .filter(({ keys, command, help }) => {
      const text = `${keys} ${command} ${help}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
}
