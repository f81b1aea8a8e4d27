import { expect, it } from 'vitest';
import { mouseEventOf, nameAt } from '../../src/tui/mouse.js';
import { iteration, started } from './events.js';
import { show } from './terminal.js';

it('is read as terminals report it', () => {
  expect(mouseEventOf('\x1b[<0;12;5M')).toEqual({ what: 'click', x: 11, y: 4 });
  expect(mouseEventOf('\x1b[<65;1;1M')).toEqual({ what: 'down', x: 0, y: 0 });
  // A release, the right button, a key.
  for (const other of ['\x1b[<0;12;5m', '\x1b[<2;12;5M', '\x1b[A', 'M'])
    expect(mouseEventOf(other)).toBeUndefined();
});

it('finds the name under it, or before the number under it', () => {
  const line = ' content 5.00  ▸style 5.00k   style-2 0.30';
  const at = (text: string) => nameAt(line, line.indexOf(text), ['content', 'style', 'style-2']);
  expect(['content', '5.00  ', 'tyle 5', '5.00k', 'style-2', '0.30'].map(at)).toEqual([0, 0, 1, 1, 2, 2]);
  expect(nameAt(line, 0, ['content'])).toBe(-1);
});

it('chooses weights, scrolls, and opens the picture, once it is on', async () => {
  const screen = show(80, 24);
  await screen.tell(started(1), iteration(1, 5));
  const click = (text: string) => {
    const lines = screen.lines();
    const y = lines.findIndex((line) => line.includes(text));
    return screen.press(`\x1b[<0;${lines[y].indexOf(text) + 1};${y + 1}M`);
  };
  const all = () => screen.lines().join('\n');
  await click('tv 100');
  expect(all()).toContain('▸style');
  await screen.press('m');
  expect(screen.terminal.emulator.modes.get('?1000')).toBe(true);
  await click('tv 100');
  expect(all()).toContain('▸tv 100');
  await screen.press('\x1b[<65;1;1M');
  expect(all()).toContain('▸starry-night');
  await screen.press('\x1b[<64;1;1M');
  expect(all()).toContain('▸tv 100');
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  screen.preview({ job: 1, png, width: 1, height: 1 });
  await screen.until(/\*{20}/);
  await screen.press('\x1b[<0;10;8M');
  expect(all()).toContain('v back');
  await screen.press('\x1b[<0;10;8M');
  expect(all()).not.toContain('v back');
  await screen.press('m');
  expect(screen.terminal.emulator.modes.get('?1000')).toBe(false);
  screen.close();
});
