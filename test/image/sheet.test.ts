/** What is where on a contact sheet. */
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import { drawSheet } from '../../src/image/sheet.js';
import { newFolder } from '../e2e/program.js';

let folder: string;
const colors = { red: '#ff0000', green: '#00ff00', blue: '#0000ff', grey: '#808080' };
beforeAll(async () => {
  folder = await newFolder();
  for (const [name, background] of Object.entries(colors))
    await sharp({ create: { width: 200, height: 100, channels: 3, background } }).toFile(file(name));
});
const file = (name: string) => join(folder, `${name}.png`);

/** Where each plain color lies on a sheet, as the box around it. */
async function boxes(sheet: Buffer) {
  const { data, info } = await sharp(sheet).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const found: Record<string, { left: number; top: number; right: number; bottom: number; pixels: number }> =
    {};
  for (let i = 0; i < info.width * info.height; i++) {
    const color = `#${data.subarray(3 * i, 3 * i + 3).toString('hex')}`;
    const [x, y] = [i % info.width, Math.floor(i / info.width)];
    found[color] ??= { left: x, top: y, right: x, bottom: y, pixels: 0 };
    const box = found[color];
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.bottom = y;
    box.pixels++;
  }
  return found;
}

it('lays styles along the top, photos down the side and paintings where they meet', async () => {
  const sheet = await drawSheet(
    {
      columns: [{ label: 'one <&>', picture: file('red') }],
      rows: [{ label: 'a', picture: file('green') }, { label: 'b' }],
      cells: [[{ picture: file('blue') }], [{ reason: 'b.jpg: not a picture' }]],
    },
    'png',
  );
  const found = await boxes(sheet);
  const { red, green, blue } = Object.fromEntries(
    Object.entries(colors).map(([name, color]) => [name, found[color]]),
  );
  for (const box of [red, green, blue]) expect(box.pixels).toBe(200 * 100);
  expect(blue.left).toBe(red.left);
  expect(blue.top).toBe(green.top);
  expect(green.right).toBeLessThan(blue.left);
  expect(red.bottom).toBeLessThan(blue.top);
  // The empty cell, below the painting.
  const empty = found['#eeeeee'];
  expect(empty.right).toBe(blue.right);
  expect(empty.bottom).toBeGreaterThan(blue.bottom + 50);
  expect(empty.pixels).toBeGreaterThan((200 * 50) / 2);
});

it('leaves a cell white whose file has gone, and shrinks what would make the sheet too wide', async () => {
  const columns = Array.from({ length: 99 }, () => ({ label: '', picture: file('red') }));
  const cells = [
    [{ picture: join(folder, 'gone.png') }, ...columns.slice(1).map(() => ({ picture: file('blue') }))],
  ];
  const sheet = await drawSheet({ columns, rows: [{ label: '', picture: file('green') }], cells }, 'png');
  const { width } = await sharp(sheet).metadata();
  expect(width).toBeLessThan(13_000);
  const found = await boxes(sheet);
  expect(found[colors.blue].pixels).toBeGreaterThan(98 * 100 * 50);
});
