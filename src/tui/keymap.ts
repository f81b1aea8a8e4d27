/** Every key, once: what it does, and how footer and help call it. */
import type { Key } from 'ink';

export type Action =
  | 'pause'
  | 'other'
  | 'slot'
  | 'next'
  | 'previous'
  | 'more'
  | 'less'
  | 'table'
  | 'numbers'
  | 'picture'
  | 'full'
  | 'log'
  | 'snapshot'
  | 'skip'
  | 'accept'
  | 'help'
  | 'quit';

export interface Binding {
  action: Action;
  /** How people read the key. */
  keys: string;
  /** A word or two for the footer. */
  label: string;
  /** A sentence for the help. */
  help: string;
  matches(input: string, key: Key): boolean;
  /** What must be there for it: a picture that is being painted, slots to choose from, or room for one pane only. */
  needs?: 'painting' | 'slots' | 'one';
}

const chars =
  (...wanted: string[]) =>
  (input: string) =>
    wanted.includes(input);

export const bindings: readonly Binding[] = [
  {
    action: 'pause',
    keys: 'space',
    label: 'pause',
    help: 'Pause painting, or go on. p does the same.',
    matches: chars(' ', 'p'),
    needs: 'painting',
  },
  {
    action: 'numbers',
    keys: 'x',
    label: 'losses',
    help: 'On a small screen: the losses instead of the picture, or the picture again.',
    matches: chars('x'),
    needs: 'one',
  },
  {
    action: 'other',
    keys: 'o',
    label: 'other',
    help: 'Show the next of several pictures under way.',
    matches: chars('o'),
    needs: 'slots',
  },
  {
    action: 'slot',
    keys: '1-9',
    label: '',
    help: 'Show the picture in the slot of this number.',
    matches: chars(...'123456789'),
    needs: 'slots',
  },
  {
    action: 'next',
    keys: 'tab',
    label: 'choose',
    help: 'Choose the next weight, or blend. So do → ↓ j.',
    matches: (input, key) => (key.tab && !key.shift) || key.rightArrow || key.downArrow || chars('j')(input),
    needs: 'painting',
  },
  {
    action: 'previous',
    keys: 'shift-tab',
    label: '',
    help: 'Choose the weight before. So do ← ↑ k.',
    matches: (input, key) => (key.tab && key.shift) || key.leftArrow || key.upArrow || chars('k')(input),
    needs: 'painting',
  },
  {
    action: 'more',
    keys: '+',
    label: 'more',
    help: 'Raise the chosen weight by a tenth, a blend by 0.05.',
    matches: chars('+', '='),
    needs: 'painting',
  },
  {
    action: 'less',
    keys: '-',
    label: 'less',
    help: 'Lower the chosen weight.',
    matches: chars('-', '_'),
    needs: 'painting',
  },
  {
    action: 'table',
    keys: 't',
    label: '',
    help: 'Show the loss of every style at every layer, or the terms again.',
    matches: chars('t'),
    needs: 'painting',
  },
  {
    action: 'picture',
    keys: 'c',
    label: 'compare',
    help: 'Show content and result side by side, the content, the styles, the result.',
    matches: chars('c'),
    needs: 'painting',
  },
  {
    action: 'full',
    keys: 'v',
    label: 'view',
    help: 'Show the picture alone, as large and fine as the terminal can. Again or esc: back.',
    matches: chars('v'),
    needs: 'painting',
  },
  {
    action: 'snapshot',
    keys: 's',
    label: 'snapshot',
    help: 'Save the picture as it is now, beside its output, and go on.',
    matches: chars('s'),
    needs: 'painting',
  },
  {
    action: 'accept',
    keys: 'a',
    label: 'accept',
    help: 'Take the picture as it is and go on with the next one.',
    matches: chars('a'),
    needs: 'painting',
  },
  {
    action: 'skip',
    keys: 'n',
    label: 'skip',
    help: 'Drop this picture and go on with the next one.',
    matches: chars('n'),
    needs: 'painting',
  },
  {
    action: 'log',
    keys: 'l',
    label: 'log',
    help: 'Show what happened; arrows scroll. Again or esc: back.',
    matches: chars('l'),
  },
  {
    action: 'help',
    keys: '?',
    label: 'help',
    help: 'Show or hide this help.',
    matches: chars('?'),
  },
  {
    action: 'quit',
    keys: 'q',
    label: 'quit',
    help: 'Stop; asks while a picture is painted. Ctrl-C stops at once.',
    matches: chars('q'),
  },
];

export const bindingFor = (input: string, key: Key) =>
  bindings.find((binding) => binding.matches(input, key));
