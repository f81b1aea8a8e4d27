/** The user's own keys. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { chosenKeys, readKeys } from '../../src/tui/chosen-keys.js';
import { setBindings, usualBindings } from '../../src/tui/keymap.js';
import { iteration, started } from './events.js';
import { show } from './terminal.js';

afterEach(() => setBindings(usualBindings));

const keysOf = (text: string) => {
  const { bindings, problems } = chosenKeys(text);
  const all = Object.fromEntries(bindings.map(({ action, keys }) => [action, keys]));
  return { all, problems };
};

describe('keys.json', () => {
  it('gives actions other keys, several or none, and leaves the rest', () => {
    const { all, problems } = keysOf('{"pause": ["P", "space"], "skip": [], "redo": "ctrl-y"}');
    expect(problems).toEqual([]);
    expect(all).toMatchObject({ pause: ['P', 'space'], skip: [], redo: ['ctrl-y'], undo: ['u'] });
  });

  it('names what it does not know, and what was meant', () => {
    const { all, problems } = keysOf('{"puase": "P", "undo": ["spcae", "U"], "help": "ctrl-c", "slot": "9"}');
    expect(problems).toEqual([
      'there is no action puase. Did you mean pause? The help lists them.',
      'undo: there is no key spcae. Did you mean space?',
      'help: ctrl-c stops the program; choose another key.',
      'slot: its keys are the digits; they cannot be changed.',
    ]);
    // One whose keys are all wrong keeps those it has.
    expect(all).toMatchObject({ pause: ['space'], undo: ['U'], help: ['?'] });
  });

  it('names keys with two meanings, and gives them to what was chosen for them', () => {
    const { all, problems } = keysOf('{"pause": "p"}');
    expect(problems).toEqual([
      'p is the key of pause and of styles: it is pause. styles has no key now; :styles does it.',
    ]);
    expect(all).toMatchObject({ pause: ['p'], styles: [] });
    // In different panes a key may mean different things, as enter does.
    expect(keysOf('{"retry": "r"}').problems).toEqual([]);
    expect(keysOf('{"undo": "U", "log": ["l", "U"]}').all).toMatchObject({ undo: ['U'], log: ['l'] });
  });

  it('tells of a file that is none', async () => {
    expect(keysOf('{"pause": 1}').problems[0]).toMatch(/^not keys by action: expected such as/);
    const path = join(await mkdtemp(join(tmpdir(), 'stylize-')), 'keys.json');
    expect(await readKeys(path)).toEqual({ bindings: usualBindings, problems: [] });
    await writeFile(path, '{');
    const { problems } = await readKeys(path);
    expect(problems[0].startsWith('keys.json: not JSON (')).toBe(true);
  });

  it('is what the screen obeys and shows', async () => {
    setBindings(chosenKeys('{"pause": ["P", "alt-p"], "follow": "ctrl-f", "accept": []}').bindings);
    const screen = show(140, 24);
    await screen.tell(started(1), iteration(1, 5));
    const footer = screen.lines().at(-1);
    expect(footer).toContain('P pause');
    expect(footer).not.toContain('accept');
    await screen.press(' ');
    await screen.press('a');
    expect(screen.sent).toEqual([]);
    await screen.press('\x1bp');
    expect(screen.sent).toMatchObject([{ type: 'pause' }]);
    await screen.press('+');
    expect(screen.lines().join('\n')).toContain('style 5000 → 5500  u undo  ctrl-f for the rest');
    screen.close();
  });
});
