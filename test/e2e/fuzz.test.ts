/**
 * Random keys and sizes on the real program while it paints two pictures at a time: no error, no stray row, and the
 * terminal given back. FUZZ=2000 npx vitest run test/e2e/fuzz is the full measure. The seed is fixed and is in the test's
 * name, which every failure prints; SEED=... sets another.
 */
import { join } from 'node:path';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { newFolder, scream, wave } from './program.js';
import { open } from './terminal.js';

const count = Number(process.env.FUZZ ?? 100);
const seed = Number(process.env.SEED ?? 7);

/** A q among others would end the program; n after it takes it back. Ctrl-C comes last. */
const quit = 'qn';
/** Editing, moving and unknown keys, and an answer of a terminal that comes late. */
const others = [
  '\r',
  '\x1b',
  '\t',
  '\x7f',
  '\x12',
  '\x15',
  '\x1b[A',
  '\x1b[B',
  '\x1b[6~',
  '\x1b[Z',
  '\x1b[1;2A',
];
const strange = ['\x1b[1;5P', '\x1b[I', '\x1b[200~paste\x1b[201~', '\x1b[?62;22c', 'é写', '\x00', '\x1bOP'];
const letters = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter(
  (letter) => !'qy'.includes(letter),
);
const commands = [
  ':blend 0.2,0.8\r',
  ':iterations 40\r',
  ':nonsense\r',
  ':relu1_1 3\r',
  '/3\r',
  'p\r',
  'pw',
  'Qjj\r',
];
const keys = [...letters, ...others, ...others, ...strange, ...commands, quit];

it(`stands ${count} random keys, seed ${seed}`, { timeout: 60_000 + 400 * count }, async () => {
  const generator = xoroshiro128plus(seed);
  const random = (most: number) => uniformInt(generator, 0, most - 1);
  const inbox = await newFolder();
  // More than are dropped and taken as they are meanwhile.
  for (let i = 0; i < 20 + count / 4; i++)
    await sharp({
      create: { width: 64, height: 48, channels: 3, background: { r: i % 256, g: i >> 8, b: 99 } },
    })
      .png()
      .toFile(join(inbox, `${i}.png`));
  const flags = ['--size', '64', '--iterations', '2000', '--scales', '1', '--threads', '1', '--slots', '2'];
  const args = ['watch', inbox, '--styles', wave, scream, ...flags];
  let ended: string | undefined;
  const { press, resize, until, exited, screen, text, output } = open(args, 80, 24);
  void exited.then(() => {
    ended = output().slice(-2000);
  });
  await until(/style relu5_1/);
  for (let i = 0; i < count; i++) {
    expect(ended, `key ${i}`).toBeUndefined();
    if (random(20) === 0) resize(30 + random(170), 10 + random(50));
    press(keys[random(keys.length)]);
    // As fast as a hand that rests on the keys.
    await new Promise((resolve) => setTimeout(resolve, random(40)));
    if (i % 50 !== 49) continue;
    resize(80, 24);
    // Out of whatever lies over the screen, and of what is slow to come; each a key of its own.
    const calm = /^stylize-tui {2}watch[\s\S]*tab choose[\s\S]*q quit\s*$/;
    for (let out = 0; out < 100 && !calm.test(text()); out++) {
      press('\x1b');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await until(calm);
    // No row twice: what was drawn for another size is gone.
    const lines = text().split('\n');
    for (const once of [/^stylize-tui {2}watch/, /q quit$/, /^waiting \d+ /])
      expect(lines.filter((line) => once.test(line.trimEnd())).length, text()).toBeLessThanOrEqual(1);
    // The last line stays free.
    expect(screen.text()[23]?.trim() ?? '', text()).toBe('');
  }
  press('\x03');
  expect(await exited).toBe(130);
  expect(output()).not.toMatch(/Error|at file:|node:internal/);
  expect(output()).not.toContain('\x1b[3J');
  // What comes after the screen are plain lines, and where a picture was finished its path and the counts.
  const [, cursor, ...escapes] = `${output().split('\x1b[?1049l').at(-1)}`.split('\x1b');
  expect(cursor).toMatch(/^\[\?25h/);
  expect(escapes).toEqual([]);
});
