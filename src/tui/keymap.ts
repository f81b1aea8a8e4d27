/** The key bindings: the single source for the footer, the help, the command line and docs/screen.md. */
import type { Key } from 'ink';
import type { Pane } from './input.js';

/** An action's name, which is also its command. */
export type Action = (typeof table)[number]['action'];

export interface Binding {
  action: string;
  /** Names of its keys: see nameOf(). The first is displayed; none for what only the command line does. */
  keys: readonly string[];
  /** A word or two for the footer. */
  label: string;
  /** One sentence for the help. */
  help: string;
  /**
   * What it needs to be useful: a picture being painted, several slots, room for only one pane, a picture in the queue, or
   * several inboxes.
   */
  needs?: 'painting' | 'slots' | 'one' | 'queued' | 'inboxes';
  /** The only pane in which the key is bound; all where left out. */
  pane?: Pane;
  /** The command's argument as the help shows it, in brackets if optional. */
  argument?: string;
}

const table = [
  {
    action: 'pause',
    keys: ['space'],
    label: 'pause',
    help: 'Pause painting, or resume it.',
    needs: 'painting',
  },
  {
    action: 'numbers',
    keys: ['x'],
    label: 'losses',
    help: 'Show the losses instead of the picture, or the picture again.',
    needs: 'one',
    pane: 'painting',
  },
  {
    action: 'other',
    keys: ['e'],
    label: 'other',
    help: 'Show the next of several pictures in progress.',
    needs: 'slots',
  },
  {
    action: 'slot',
    keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
    label: '',
    help: 'Show the picture in the slot of this number.',
    needs: 'slots',
    argument: 'NUMBER',
  },
  {
    action: 'next',
    keys: ['tab', 'down', 'right', 'j'],
    label: 'choose',
    help: 'Choose the next weight, or picture in the queue.',
  },
  {
    action: 'previous',
    keys: ['shift-tab', 'up', 'left', 'k'],
    label: '',
    help: 'Choose the previous one.',
  },
  {
    action: 'page',
    keys: ['page-down'],
    label: '',
    help: 'Go ten further in the queue or the log. page-up: ten back.',
  },
  {
    action: 'pageback',
    keys: ['page-up'],
    label: '',
    help: 'Go ten back.',
  },
  {
    action: 'first',
    keys: ['home'],
    label: '',
    help: 'Go to the first weight, picture in the queue, or line of the log.',
  },
  {
    action: 'last',
    keys: ['end'],
    label: '',
    help: 'Go to the last one.',
  },
  {
    action: 'more',
    keys: ['+', '='],
    label: 'more',
    help: 'Raise the chosen weight by a tenth, a blend by 0.05.',
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'less',
    keys: ['-'],
    label: 'less',
    help: 'Lower the chosen weight by as much.',
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'double',
    keys: ['>', '*', 'shift-up'],
    label: '',
    help: 'Double the chosen weight; raise a blend by 0.25.',
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'halve',
    keys: ['<', '_', 'shift-down'],
    label: '',
    help: 'Halve the chosen weight; lower a blend by 0.25.',
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'set',
    keys: ['enter'],
    label: '',
    help: 'Type a number for the chosen weight.',
    needs: 'painting',
    pane: 'painting',
    argument: '[NUMBER]',
  },
  {
    action: 'reset',
    keys: ['0'],
    label: '',
    help: "Reset the chosen weight to the recipe's value.",
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'picture',
    keys: ['c'],
    label: 'compare',
    help: 'Show photo and painting side by side, the photo, the styles.',
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'full',
    keys: ['v'],
    label: 'view',
    help: 'Show the picture alone, as large as possible. Again or esc: back.',
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'undo',
    keys: ['u'],
    label: '',
    help: 'Take back the last change; for five seconds also a, n, D, R and p.',
  },
  {
    action: 'redo',
    keys: ['ctrl-r'],
    label: '',
    help: 'Redo the change that was taken back.',
    needs: 'painting',
  },
  {
    action: 'shorter',
    keys: ['['],
    label: '',
    help: 'Ten iterations fewer; sizes still to come share what is left.',
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'longer',
    keys: [']'],
    label: '',
    help: 'Ten iterations more.',
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'iterations',
    keys: [],
    label: '',
    help: "Set this picture's total iterations.",
    needs: 'painting',
    argument: 'NUMBER',
  },
  {
    action: 'blend',
    keys: [],
    label: '',
    help: 'Set the share of every style, in order: 0.7,0.3.',
    needs: 'painting',
    argument: 'NUMBERS',
  },
  {
    action: 'again',
    keys: ['r'],
    label: 'again',
    help: 'Paint this picture again, from what it is now, with these weights.',
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'follow',
    keys: ['w'],
    label: 'for the rest',
    help: 'Paint what follows in the queue as this one is painted now.',
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'styles',
    keys: ['p'],
    label: 'styles',
    help: 'Choose a style or preset, for this picture or what follows.',
  },
  {
    action: 'snapshot',
    keys: ['s'],
    label: 'snapshot',
    help: 'Save the picture as it is now, beside its output, and go on.',
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'accept',
    keys: ['a'],
    label: 'accept',
    help: 'Take the picture as it is and go on with the next one.',
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'skip',
    keys: ['n'],
    label: 'skip',
    help: 'Drop this picture and go on with the next one.',
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'table',
    keys: ['t'],
    label: '',
    help: 'Show the loss of every style at every layer, or the terms again.',
    needs: 'painting',
    pane: 'painting',
  },
  {
    action: 'open',
    keys: ['o'],
    label: '',
    help: "Open the finished painting in the system's viewer.",
  },
  {
    action: 'folder',
    keys: ['O'],
    label: '',
    help: 'Open its folder.',
  },
  {
    action: 'copy',
    keys: ['y'],
    label: '',
    help: 'Copy its path to the clipboard.',
  },
  {
    action: 'log',
    keys: ['l'],
    label: 'log',
    help: 'Show what happened; arrows scroll. Again or esc: back.',
  },
  {
    action: 'queue',
    keys: ['Q'],
    label: 'queue',
    help: 'Show the queue and finished pictures, or the painting again.',
  },
  {
    action: 'details',
    keys: ['enter', 'i'],
    label: 'show',
    help: 'Show the chosen picture and its recipe.',
    needs: 'queued',
    pane: 'queue',
  },
  {
    action: 'large',
    keys: ['v'],
    label: 'view',
    help: 'Show it alone; ← and → go through paintings.',
    needs: 'queued',
    pane: 'queue',
  },
  {
    action: 'inbox',
    keys: ['I'],
    label: 'pause inbox',
    help: 'Pause or resume the inbox it is from; the others go on.',
    needs: 'inboxes',
    pane: 'queue',
    argument: '[NAME]',
  },
  {
    action: 'later',
    keys: ['J'],
    label: 'later',
    help: 'Paint the chosen picture after the next one.',
    needs: 'queued',
    pane: 'queue',
  },
  {
    action: 'earlier',
    keys: ['K'],
    label: 'earlier',
    help: 'Paint it before the previous one.',
    needs: 'queued',
    pane: 'queue',
  },
  {
    action: 'front',
    keys: ['F'],
    label: 'front',
    help: 'Paint it next.',
    needs: 'queued',
    pane: 'queue',
  },
  {
    action: 'drop',
    keys: ['D'],
    label: 'drop',
    help: 'Take it out of the queue; it is not painted.',
    needs: 'queued',
    pane: 'queue',
  },
  {
    action: 'retry',
    keys: ['R'],
    label: 'retry',
    help: 'Retry it if it failed; otherwise retry all that failed.',
    pane: 'queue',
  },
  {
    action: 'filter',
    keys: ['/'],
    label: 'filter',
    help: 'Show only pictures in the queue whose name contains this.',
    argument: '[TEXT]',
  },
  {
    action: 'gallery',
    keys: ['g'],
    label: '',
    help: "Show the gallery's address (watch --gallery), as a code for phones.",
  },
  {
    action: 'command',
    keys: [':'],
    label: 'command',
    help: 'Type any of these by name, or a weight and its number.',
  },
  {
    action: 'mouse',
    keys: ['m'],
    label: '',
    help: 'Use the mouse: click a weight or the picture, scroll. Again: off.',
  },
  {
    action: 'help',
    keys: ['?'],
    label: 'help',
    help: 'Show this help. Type to search in it.',
  },
  {
    action: 'suspend',
    keys: ['ctrl-z'],
    label: '',
    help: 'Suspend the program and return to the shell; fg resumes it.',
  },
  {
    action: 'quit',
    keys: ['q'],
    label: 'quit',
    help: 'Quit; asks while a picture is painted. Ctrl-C quits at once.',
  },
] as const satisfies readonly Binding[];

/** The key table as it comes with the program. */
export const usualBindings: readonly (Binding & { action: Action })[] = table;

/** The key table, with the keys that the user chose. */
export let bindings = usualBindings;

export function setBindings(chosen: typeof usualBindings): void {
  bindings = chosen;
}

/** Names of keys that are no character. */
export const keyNames = [
  ...[
    'space',
    'tab',
    'shift-tab',
    'enter',
    'esc',
    'backspace',
    'delete',
    'page-up',
    'page-down',
    'home',
    'end',
  ],
  ...['up', 'down', 'left', 'right', 'shift-up', 'shift-down'],
] as const;

/** The name of a key: its character, `ctrl-r`, `alt-x`, or one of keyNames. */
export function nameOf(input: string, key: Key): string {
  const shift = key.shift ? 'shift-' : '';
  if (key.tab) return `${shift}tab`;
  if (key.upArrow) return `${shift}up`;
  if (key.downArrow) return `${shift}down`;
  if (key.leftArrow) return 'left';
  if (key.rightArrow) return 'right';
  if (key.pageUp) return 'page-up';
  if (key.pageDown) return 'page-down';
  if (key.home) return 'home';
  if (key.end) return 'end';
  if (key.return) return 'enter';
  if (key.escape) return 'esc';
  if (key.backspace) return 'backspace';
  if (key.delete) return 'delete';
  const name = input === ' ' ? 'space' : input;
  return key.ctrl ? `ctrl-${name}` : key.meta ? `alt-${name}` : name;
}

const arrows: Record<string, string> = { up: '↑', down: '↓', left: '←', right: '→' };

/** A key's name as it is displayed. */
export const shownKey = (name: string) =>
  name.replace(/^(shift-)?(up|down|left|right)$/, (_, shift = '', arrow: string) => shift + arrows[arrow]);

/** How an action is called: its first key, or else its command. */
export function keyFor(action: Action): string {
  const [key] = bindings.find((binding) => binding.action === action)!.keys;
  return key === undefined ? `:${action}` : shownKey(key);
}

/** Whether two bindings count at the same time. */
export const meet = (a: Binding, b: Binding) => !a.pane || !b.pane || a.pane === b.pane;

/** The binding of a key in a pane. */
export const bindingFor = (input: string, key: Key, pane: Pane) =>
  bindings.find(
    (binding) => (!binding.pane || binding.pane === pane) && binding.keys.includes(nameOf(input, key)),
  );

/** What a key is for that has no meaning in this pane; undefined for a key that has none at all. */
export function whyUnbound(input: string, key: Key): string | undefined {
  const name = nameOf(input, key);
  const binding = bindings.find(({ keys }) => keys.includes(name));
  if (!binding) return undefined;
  const { label, action, pane } = binding;
  const [queue, leave] = [keyFor('queue'), 'esc'];
  const where =
    pane === 'queue' ? `in the queue; ${queue} opens it` : `on the painting; ${leave} goes back to it`;
  return `${shownKey(name)} (${label || action}) works ${where}.`;
}
