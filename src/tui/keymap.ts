/** Every key, once: what it does, and how footer and help call it. */
import type { Key } from 'ink';

export type Action =
  | 'pause'
  | 'next'
  | 'previous'
  | 'more'
  | 'less'
  | 'table'
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
  /** It needs a picture that is being painted. */
  painting: boolean;
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
    painting: true,
  },
  {
    action: 'next',
    keys: 'tab',
    label: 'choose',
    help: 'Choose the next weight: content, style, tv, each blend. So do → ↓ l j.',
    matches: (input, key) =>
      (key.tab && !key.shift) || key.rightArrow || key.downArrow || chars('l', 'j')(input),
    painting: true,
  },
  {
    action: 'previous',
    keys: 'shift-tab',
    label: '',
    help: 'Choose the weight before. So do ← ↑ h k.',
    matches: (input, key) => (key.tab && key.shift) || key.leftArrow || key.upArrow || chars('h', 'k')(input),
    painting: true,
  },
  {
    action: 'more',
    keys: '+',
    label: 'more',
    help: 'Raise the chosen weight by a tenth, a blend by 0.05. It counts from the next iteration.',
    matches: chars('+', '='),
    painting: true,
  },
  {
    action: 'less',
    keys: '-',
    label: 'less',
    help: 'Lower the chosen weight.',
    matches: chars('-', '_'),
    painting: true,
  },
  {
    action: 'table',
    keys: 't',
    label: '',
    help: 'Show the loss of every style at every layer, or the terms again.',
    matches: chars('t'),
    painting: true,
  },
  {
    action: 'snapshot',
    keys: 's',
    label: 'snapshot',
    help: 'Save the picture as it is now, beside its output, and go on.',
    matches: chars('s'),
    painting: true,
  },
  {
    action: 'accept',
    keys: 'a',
    label: 'accept',
    help: 'Take the picture as it is and go on with the next one.',
    matches: chars('a'),
    painting: true,
  },
  {
    action: 'skip',
    keys: 'n',
    label: 'skip',
    help: 'Drop this picture and go on with the next one.',
    matches: chars('n'),
    painting: true,
  },
  {
    action: 'help',
    keys: '?',
    label: 'help',
    help: 'Show or hide this help.',
    matches: chars('?'),
    painting: false,
  },
  {
    action: 'quit',
    keys: 'q',
    label: 'quit',
    help: 'Stop; asks while a picture is painted. Ctrl-C stops at once, and cleanly.',
    matches: chars('q'),
    painting: false,
  },
];

export const bindingFor = (input: string, key: Key) =>
  bindings.find((binding) => binding.matches(input, key));
