/** The key bindings: the single source for the footer, the help, the command line and the README. */
import type { Key } from 'ink';
import type { Pane } from './input.js';

/** An action's name, which is also its command. */
export type Action = (typeof table)[number]['action'];

export interface Binding {
  action: string;
  /** The key as displayed; empty for what only the command line does. */
  keys: string;
  /** A word or two for the footer. */
  label: string;
  /** One sentence for the help. */
  help: string;
  matches?(input: string, key: Key): boolean;
  /**
   * What it needs to be useful: a picture being painted, several slots, room for only one pane, or a picture in the
   * queue.
   */
  needs?: 'painting' | 'slots' | 'one' | 'queued';
  /** The only pane in which the key is bound; all where left out. */
  pane?: Pane;
  /** The command's argument as the help shows it, in brackets if optional. */
  argument?: string;
}

const chars =
  (...wanted: string[]) =>
  (input: string, key: Key) =>
    !key.ctrl && !key.meta && wanted.includes(input);

const table = [
  {
    action: 'pause',
    keys: 'space',
    label: 'pause',
    help: 'Pause painting, or resume it.',
    matches: chars(' '),
    needs: 'painting',
  },
  {
    action: 'numbers',
    keys: 'x',
    label: 'losses',
    help: 'Show the losses instead of the picture, or the picture again.',
    matches: chars('x'),
    needs: 'one',
    pane: 'painting',
  },
  {
    action: 'other',
    keys: 'e',
    label: 'other',
    help: 'Show the next of several pictures in progress.',
    matches: chars('e'),
    needs: 'slots',
  },
  {
    action: 'slot',
    keys: '1-9',
    label: '',
    help: 'Show the picture in the slot of this number.',
    matches: chars(...'123456789'),
    needs: 'slots',
    argument: 'NUMBER',
  },
  {
    action: 'next',
    keys: 'tab',
    label: 'choose',
    help: 'Choose the next weight, or picture in the queue. So do ↓ → j.',
    matches: (input, key) =>
      (key.tab && !key.shift) || (!key.shift && (key.downArrow || key.rightArrow)) || chars('j')(input, key),
  },
  {
    action: 'previous',
    keys: 'shift-tab',
    label: '',
    help: 'Choose the previous one. So do ↑ ← k.',
    matches: (input, key) =>
      (key.tab && key.shift) || (!key.shift && (key.upArrow || key.leftArrow)) || chars('k')(input, key),
  },
  {
    action: 'page',
    keys: 'pgdn',
    label: '',
    help: 'Go ten further in the queue or the log. pgup: ten back.',
    matches: (_, key) => key.pageDown,
  },
  {
    action: 'pageback',
    keys: 'pgup',
    label: '',
    help: 'Go ten back.',
    matches: (_, key) => key.pageUp,
  },
  {
    action: 'first',
    keys: 'home',
    label: '',
    help: 'Go to the first weight, picture in the queue, or line of the log.',
    matches: (_, key) => key.home,
  },
  {
    action: 'last',
    keys: 'end',
    label: '',
    help: 'Go to the last one.',
    matches: (_, key) => key.end,
  },
  {
    action: 'more',
    keys: '+',
    label: 'more',
    help: 'Raise the chosen weight by a tenth, a blend by 0.05. So does =.',
    matches: chars('+', '='),
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'less',
    keys: '-',
    label: 'less',
    help: 'Lower the chosen weight by as much.',
    matches: chars('-'),
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'double',
    keys: '>',
    label: '',
    help: 'Double the chosen weight; raise a blend by 0.25. So do * and shift-↑.',
    matches: (input, key) => (key.shift && key.upArrow) || chars('>', '*')(input, key),
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'halve',
    keys: '<',
    label: '',
    help: 'Halve the chosen weight; lower a blend by 0.25. So do _ and shift-↓.',
    matches: (input, key) => (key.shift && key.downArrow) || chars('<', '_')(input, key),
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'set',
    keys: 'enter',
    label: '',
    help: 'Type a number for the chosen weight.',
    matches: (_, key) => key.return,
    needs: 'painting',
    pane: 'painting',
    argument: '[NUMBER]',
  },
  {
    action: 'reset',
    keys: '0',
    label: '',
    help: "Reset the chosen weight to the recipe's value.",
    matches: chars('0'),
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'picture',
    keys: 'c',
    label: 'compare',
    help: 'Show photo and painting side by side, the photo, the styles.',
    matches: chars('c'),
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'full',
    keys: 'v',
    label: 'view',
    help: 'Show the picture alone, as large as possible. Again or esc: back.',
    matches: chars('v'),
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'undo',
    keys: 'u',
    label: '',
    help: 'Take back the last change; for five seconds also a, n, D, R and p.',
    matches: chars('u'),
  },
  {
    action: 'redo',
    keys: 'ctrl-r',
    label: '',
    help: 'Redo the change that was taken back.',
    matches: (input, key) => key.ctrl && input === 'r',
    needs: 'painting',
  },
  {
    action: 'shorter',
    keys: '[',
    label: '',
    help: 'Ten iterations fewer; sizes still to come share what is left.',
    matches: chars('['),
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'longer',
    keys: ']',
    label: '',
    help: 'Ten iterations more.',
    matches: chars(']'),
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'iterations',
    keys: '',
    label: '',
    help: "Set this picture's total iterations.",
    needs: 'painting',
    argument: 'NUMBER',
  },
  {
    action: 'blend',
    keys: '',
    label: '',
    help: 'Set the share of every style, in order: 0.7,0.3.',
    needs: 'painting',
    argument: 'NUMBERS',
  },
  {
    action: 'again',
    keys: 'r',
    label: 'again',
    help: 'Paint this picture again, from what it is now, with these weights.',
    matches: chars('r'),
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'follow',
    keys: 'w',
    label: 'for the rest',
    help: 'Paint what follows in the queue as this one is painted now.',
    matches: chars('w'),
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'styles',
    keys: 'p',
    label: 'styles',
    help: 'Choose a style or preset, for this picture or what follows.',
    matches: chars('p'),
  },
  {
    action: 'snapshot',
    keys: 's',
    label: 'snapshot',
    help: 'Save the picture as it is now, beside its output, and go on.',
    matches: chars('s'),
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'accept',
    keys: 'a',
    label: 'accept',
    help: 'Take the picture as it is and go on with the next one.',
    matches: chars('a'),
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'skip',
    keys: 'n',
    label: 'skip',
    help: 'Drop this picture and go on with the next one.',
    matches: chars('n'),
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'table',
    keys: 't',
    label: '',
    help: 'Show the loss of every style at every layer, or the terms again.',
    matches: chars('t'),
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'open',
    keys: 'o',
    label: '',
    help: "Open the finished painting in the system's viewer.",
    matches: chars('o'),
  },
  {
    action: 'folder',
    keys: 'O',
    label: '',
    help: 'Open its folder.',
    matches: chars('O'),
  },
  {
    action: 'copy',
    keys: 'y',
    label: '',
    help: 'Copy its path to the clipboard.',
    matches: chars('y'),
  },
  {
    action: 'log',
    keys: 'l',
    label: 'log',
    help: 'Show what happened; arrows scroll. Again or esc: back.',
    matches: chars('l'),
  },
  {
    action: 'queue',
    keys: 'Q',
    label: 'queue',
    help: 'Show the queue and finished pictures, or the painting again.',
    matches: chars('Q'),
  },
  {
    action: 'details',
    keys: 'enter',
    label: 'show',
    help: 'Show the chosen picture, its recipe and losses.',
    matches: (input, key) => key.return || chars('i')(input, key),
    needs: 'queued',
    pane: 'queue',
  },
  {
    action: 'large',
    keys: 'v',
    label: 'view',
    help: 'Show it alone; ← and → go through paintings.',
    matches: chars('v'),
    needs: 'queued',
    pane: 'queue',
  },
  {
    action: 'later',
    keys: 'J',
    label: 'later',
    help: 'Paint the chosen picture after the next one.',
    matches: chars('J'),
    needs: 'queued',
    pane: 'queue',
  },
  {
    action: 'earlier',
    keys: 'K',
    label: 'earlier',
    help: 'Paint it before the previous one.',
    matches: chars('K'),
    needs: 'queued',
    pane: 'queue',
  },
  {
    action: 'front',
    keys: 'F',
    label: 'front',
    help: 'Paint it next.',
    matches: chars('F'),
    needs: 'queued',
    pane: 'queue',
  },
  {
    action: 'drop',
    keys: 'D',
    label: 'drop',
    help: 'Take it out of the queue; it is not painted.',
    matches: chars('D'),
    needs: 'queued',
    pane: 'queue',
  },
  {
    action: 'retry',
    keys: 'R',
    label: 'retry',
    help: 'Retry it if it failed; otherwise retry all that failed.',
    matches: chars('R'),
    pane: 'queue',
  },
  {
    action: 'filter',
    keys: '/',
    label: 'filter',
    help: 'Show only pictures in the queue whose name contains this.',
    matches: chars('/'),
    argument: '[TEXT]',
  },
  {
    action: 'command',
    keys: ':',
    label: 'command',
    help: 'Type any of these by name, or a weight and its number.',
    matches: chars(':'),
  },
  {
    action: 'help',
    keys: '?',
    label: 'help',
    help: 'Show this help. Type to search in it.',
    matches: chars('?'),
  },
  {
    action: 'suspend',
    keys: 'ctrl-z',
    label: '',
    help: 'Suspend the program and return to the shell; fg resumes it.',
    matches: (input, key) => key.ctrl && input === 'z',
  },
  {
    action: 'quit',
    keys: 'q',
    label: 'quit',
    help: 'Quit; asks while a picture is painted. Ctrl-C quits at once.',
    matches: chars('q'),
  },
] as const satisfies readonly Binding[];

export const bindings: readonly (Binding & { action: Action })[] = table;

/** The binding of a key in a pane. */
export const bindingFor = (input: string, key: Key, pane: Pane) =>
  bindings.find((binding) => (!binding.pane || binding.pane === pane) && binding.matches?.(input, key));

/** What a key is for that has no meaning in this pane; undefined for a key that has none at all. */
export function whyUnbound(input: string, key: Key): string | undefined {
  const binding = bindings.find((binding) => binding.matches?.(input, key));
  if (!binding) return undefined;
  const { keys, label, action, pane } = binding;
  const where = pane === 'queue' ? 'in the queue; Q opens it' : 'on the painting; esc goes back to it';
  return `${keys} (${label || action}) works ${where}.`;
}
