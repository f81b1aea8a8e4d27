/** Pasted and dropped text, on a fake terminal. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { lineOf, pathsIn } from '../../src/tui/paste.js';
import { iteration, started } from './events.js';
import { show } from './terminal.js';

const paste = (text: string) => `\x1b[200~${text}\x1b[201~`;

it('finds paths as terminals and file managers write them', async () => {
  const home = (path: string) => join(homedir(), path);
  expect(pathsIn('/a/b.jpg')).toEqual(['/a/b.jpg']);
  expect(pathsIn(' /a/b.jpg /a/c.png\n')).toEqual(['/a/b.jpg', '/a/c.png']);
  expect(pathsIn(`'/a/my cat.jpg' "/a/it's.jpg"`)).toEqual(['/a/my cat.jpg', "/a/it's.jpg"]);
  expect(pathsIn(String.raw`/a/my\ cat.jpg`)).toEqual(['/a/my cat.jpg']);
  expect(pathsIn(`'/a/it'\\''s.jpg'`)).toEqual(["/a/it's.jpg"]);
  expect(pathsIn('file:///a/my%20cat.jpg\r\nfile:///a/%C3%A9.png\r\n')).toEqual([
    '/a/my cat.jpg',
    '/a/é.png',
  ]);
  expect(pathsIn('~/cat.jpg ./dog.jpg bird.webp')).toEqual([home('cat.jpg'), './dog.jpg', 'bird.webp']);
  const spaced = join(await mkdtemp(join(tmpdir(), 'paste ')), "it's a cat.jpg");
  await writeFile(spaced, '');
  expect(pathsIn(`${spaced}\n`)).toEqual([spaced]);
  expect(pathsIn(String(pathToFileURL(spaced)))).toEqual([spaced]);
});

it('takes other text for no path', () => {
  for (const text of [
    '',
    ' ',
    'an apple',
    'q',
    'see /a/b.jpg there',
    'https://x.org/cat',
    'file://%zz',
    "it's",
    '{"a": 1}',
  ])
    expect([text, pathsIn(text)]).toEqual([text, []]);
  expect(lineOf('style\r\n 20\x1b[A')).toBe('style  20 [A');
});

it('is queued if it is a path, and does nothing else', async () => {
  const { press, tell, sent, asked, quits, lines, close } = show(80, 24);
  await tell(started(1), iteration(1, 3));
  const before = lines();
  await press(paste('an apple, DRaq +\t\r'));
  expect(lines()).toEqual(before);
  expect([sent, asked, quits]).toEqual([[], [], []]);
  await press(paste(`'/a/my cat.jpg'`));
  expect(asked).toEqual([['add', ['/a/my cat.jpg']]]);
  expect(lines().join('\n')).toContain('Pasted: my cat.jpg');
  // Also in pieces, as over a slow connection; and what is typed afterwards are keys again.
  for (const piece of ['\x1b[200~/a/', 'b.jpg /a/c', '.jpg\x1b[201~']) await press(piece);
  expect(asked[1]).toEqual(['add', ['/a/b.jpg', '/a/c.jpg']]);
  expect(lines().join('\n')).toContain('Pasted: 2 files');
  await press(' ');
  expect(sent).toMatchObject([{ type: 'pause' }]);
  close();
});

it('goes into an open input line', async () => {
  const { press, tell, sent, asked, lines, close } = show(80, 24);
  await tell(started(1), iteration(1, 3));
  await press(':');
  await press(paste('tv\n'));
  await press(' ');
  await press(paste('7'));
  await press('\r');
  expect(sent).toMatchObject([{ type: 'change', weights: { tv: 7 } }]);
  expect(asked).toEqual([]);
  await press('?');
  await press(paste('/a/b.jpg'));
  expect(asked).toEqual([]);
  await press('\x1b');
  expect(lines().join('\n')).not.toContain('Pasted');
  close();
});
