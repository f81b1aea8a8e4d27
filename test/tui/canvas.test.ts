import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import chalk from 'chalk';
import sharp from 'sharp';
import sixel from 'sixel';
import { describe, expect, it } from 'vitest';
import { Canvas } from '../../src/tui/canvas.js';
import { blank } from '../../src/tui/cells.js';
import * as drawing from '../../src/tui/drawing.js';
import { drawNative, largestArea } from '../../src/tui/native.js';
import { ascii } from '../../src/util/format.js';
import { fakeTerminal, plainLook } from './terminal.js';

const open = (columns: number, rows: number) => {
  const terminal = fakeTerminal(columns, rows);
  const canvas = new Canvas(terminal as unknown as NodeJS.WriteStream, true);
  return { terminal, canvas };
};
const show = (canvas: Canvas, ...lines: string[]) => {
  canvas.write(lines.join('\n'));
  canvas.flush();
};

describe('canvas', () => {
  it('writes what changed and nothing else', () => {
    const { terminal, canvas } = open(40, 5);
    show(canvas, 'one \x1b[36mtwo\x1b[39m three', 'same');
    expect(terminal.emulator.text()).toEqual(['one two three', 'same', '', '', '']);
    const before = terminal.written;
    show(canvas, 'one \x1b[36mtwo\x1b[39m thrEe', 'same');
    expect(terminal.emulator.text()[0]).toBe('one two thrEe');
    // A cursor position, a letter, and the two sequences around every update.
    expect(terminal.written - before).toBeLessThan(40);
    show(canvas, 'one \x1b[36mtwo\x1b[39m thrEe', 'same');
    expect(terminal.written - before).toBeLessThan(40);
    // Only the color differs.
    show(canvas, 'one \x1b[31mtwo\x1b[39m thrEe', 'same');
    expect(terminal.emulator.styles()).toEqual(['31', '31', '31']);
  });

  it('keeps wide characters and their neighbours in their places', () => {
    const { terminal, canvas } = open(12, 3);
    for (const line of ['写真.jpg|', 'a真.jpg|', '写a.jpg|', 'ab.jpg|', 'e\u0301写|', '写真写真写真写真|']) {
      show(canvas, line);
      // Six wide characters fill the line; the rest is cut.
      expect(terminal.emulator.text()[0]).toBe(line.length > 8 ? '写真写真写真' : line);
    }
    expect(terminal.emulator.lost).toBe(0);
  });

  it('draws all anew on another size', () => {
    const { terminal, canvas } = open(20, 4);
    show(canvas, 'x'.repeat(20), 'second');
    terminal.resize(10, 3);
    canvas.flush();
    expect(terminal.emulator.text()).toEqual(['x'.repeat(10), 'second', '']);
    expect(terminal.emulator.lost).toBe(0);
  });

  it('lays pictures over their marks, and takes them away', async () => {
    const { terminal, canvas } = open(12, 4);
    const mark = canvas.mark();
    const cell = { ...blank, text: '#' };
    canvas.draw(mark, { columns: 3, rows: 2, cells: Array(2).fill(Array(3).fill(cell)) });
    show(canvas, 'a', ` ${mark}`, 'b');
    expect(terminal.emulator.text()).toEqual(['a', ' ###', 'b###', '']);
    canvas.draw(mark, undefined);
    canvas.flush();
    expect(terminal.emulator.text()).toEqual(['a', '', 'b', '']);
  });

  it.each(['kitty', 'iterm2'] as const)(
    'leaves a picture in the way of %s alone until it goes',
    async (protocol) => {
      const { terminal, canvas } = open(12, 4);
      const mark = canvas.mark();
      const png = await sharp({ create: { width: 50, height: 30, channels: 3, background: 'red' } })
        .png()
        .toBuffer();
      canvas.draw(mark, await drawNative(png, { columns: 6, rows: 2 }, {}, protocol, 1));
      show(canvas, mark, '', 'caption');
      const { strings } = terminal.emulator;
      const data =
        protocol === 'kitty' ? /^G.*c=6,r=2,.*m=0;(.+)$/ : /^1337;File=inline=1;width=6;height=2.*:(.+)$/;
      expect(await sharp(Buffer.from(data.exec(strings[0])![1], 'base64')).metadata()).toMatchObject({
        width: 50,
        height: 30,
      });
      show(canvas, mark, '', 'captioN');
      expect(strings).toHaveLength(1);
      show(canvas, 'gone');
      expect(terminal.emulator.text()).toEqual(['gone', '', '', '']);
      if (protocol === 'kitty') expect(strings.at(-1)).toContain('a=d');
    },
  );
});

describe('placeholders', () => {
  const png = (background: string) =>
    sharp({ create: { width: 60, height: 40, channels: 3, background } })
      .png()
      .toBuffer();
  const drawn = async (background: string) =>
    drawNative(await png(background), { columns: 3, rows: 2 }, {}, 'placeholders', 7);

  it('say in each cell which part of which picture it shows, by the protocol of kitty', async () => {
    const { terminal, canvas } = open(12, 4);
    const mark = canvas.mark();
    canvas.draw(mark, await drawn('red'));
    show(canvas, ` ${mark}`, '', 'caption');
    // Row and column 0 to 2 are U+305, U+30D and U+30E.
    const [first, second] = terminal.emulator.text();
    expect(first).toMatch(/^ \u{10eeee}\u0305\u0305.\u{10eeee}\u0305\u030d.\u{10eeee}\u0305\u030e.$/u);
    expect(second).toMatch(/^ \u{10eeee}\u030d\u0305.\u{10eeee}\u030d\u030d.\u{10eeee}\u030d\u030e.$/u);
    // What tmux hands on is the sequence without its wrapping, escapes halved.
    const sent = terminal.passed.map((sequence) => sequence.replaceAll('\x1b\x1b', '\x1b'));
    const [, id, data] = /_Ga=T,f=100,q=2,i=(\d+),c=3,r=2,U=1,m=0;([^\\]+).\\$/.exec(sent[0])!;
    // The lowest byte is the color; the first sixteen colors may be sent otherwise.
    expect(new Set(terminal.emulator.styles())).toEqual(new Set([`38;5;${Number(id) % 256}`]));
    expect(Number(id) % 256).toBeGreaterThan(15);
    expect(await sharp(Buffer.from(data, 'base64')).metadata()).toMatchObject({ width: 30, height: 40 });
  });

  it('stay where they are while the picture changes, and come again when asked for', async () => {
    const { terminal, canvas } = open(12, 4);
    const mark = canvas.mark();
    canvas.draw(mark, await drawn('red'));
    show(canvas, mark);
    const before = terminal.written;
    canvas.draw(mark, await drawn('blue'));
    canvas.flush();
    expect(terminal.passed).toHaveLength(2);
    // The picture, a cursor position, and the two sequences around every update.
    expect(terminal.written - before).toBeLessThan(terminal.passed[1].length + 40);
    canvas.sendAgain();
    canvas.flush();
    expect(terminal.passed[2]).toBe(terminal.passed[1]);
    show(canvas, 'gone');
    expect(terminal.passed[3]).toMatch(/a=d,d=I,i=\d+/);
    expect(terminal.emulator.text()[0]).toBe('gone');
  });
});

describe('sixels', () => {
  it('have the size of their cells and the colors of the picture', async () => {
    const halves = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#f00' } })
      .composite([
        {
          input: { create: { width: 20, height: 40, channels: 3, background: '#00f' } },
          left: 20,
          top: 0,
        },
      ])
      .png()
      .toBuffer();
    const cell = { width: 8, height: 16 };
    const size = { columns: 10, rows: 3 };
    const { native } = await drawNative(halves, size, { cell, sixel: { colors: 16 } }, 'sixel', 1);
    expect(native!.code.startsWith('\x1bP0;1;q"1;1;80;48')).toBe(true);
    expect(native!.code.slice(-2)).toBe('\x1b\\');
    const { width, height, data32 } = sixel.decode(
      Buffer.from(native!.code.slice(2, -2).replace(/^.*?q/, '')),
    );
    expect([width, height]).toEqual([80, 48]);
    const colorAt = (x: number) => sixel.fromRGBA8888(data32[24 * width + x]).slice(0, 3);
    expect(colorAt(10)).toEqual([255, 0, 0]);
    expect(colorAt(70)).toEqual([0, 0, 255]);
  });

  it('are no larger than the terminal draws', () => {
    const sixel = { largest: { width: 800, height: 480 } };
    const cell = { width: 10, height: 20 };
    const area = { columns: 120, rows: 40 };
    expect(largestArea({ protocol: 'sixel', cell, sixel }, area)).toEqual({ columns: 80, rows: 24 });
    expect(largestArea({ protocol: 'kitty', cell, sixel }, area)).toEqual(area);
    expect(largestArea({ protocol: 'placeholders', cell }, { columns: 400, rows: 40 }).columns).toBe(297);
  });
});

/** Draws at a color level, which terminal-image reads from chalk. */
const drawPicture: typeof drawing.drawPicture = (image, columns, rows, look, before) => {
  chalk.level = look.colors;
  return drawing.drawPicture(image, columns, rows, look, before);
};

describe('pictures', () => {
  const cat = readFile(fileURLToPath(new URL('../../samples/cat.jpg', import.meta.url)));
  /** Four squares: black, white over red, blue. */
  const squares = sharp(Buffer.from([0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 255]), {
    raw: { width: 2, height: 2, channels: 3 },
  })
    .png()
    .toBuffer();

  it('are as large as asked, in color and in ASCII', async () => {
    for (const look of [
      { ...plainLook, colors: 3 as const },
      { ...plainLook, glyphs: ascii },
    ]) {
      const { cells } = await drawPicture(await cat, 30, 10, look);
      expect(cells.map((row) => row.length)).toEqual(Array(10).fill(30));
    }
  });

  it('have as many colors as the terminal', async () => {
    const codes = async (colors: 1 | 2 | 3) => {
      const { cells } = await drawPicture(await squares, 2, 1, { ...plainLook, colors });
      return cells[0].map(({ text, background, foreground }) => [text, background, foreground]);
    };
    expect(await codes(3)).toEqual([
      ['▄', '48;2;0;0;0', '38;2;255;0;0'],
      ['▄', '48;2;255;255;255', '38;2;0;0;255'],
    ]);
    expect(await codes(2)).toEqual([
      ['▄', '48;5;16', '38;5;196'],
      ['▄', '48;5;231', '38;5;21'],
    ]);
    const sixteen = await codes(1);
    expect(sixteen.map(([, background]) => background)).toEqual(['40', '107']);
    expect(sixteen.map(([, , foreground]) => foreground)).toEqual([
      expect.stringMatching(/^[39]1$/),
      expect.stringMatching(/^[39]4$/),
    ]);
  });

  it('come near to a color that sixteen do not have, side by side', async () => {
    const grey = sharp({ create: { width: 4, height: 8, channels: 3, background: '#808080' } });
    const { cells } = await drawPicture(await grey.png().toBuffer(), 4, 4, { ...plainLook, colors: 1 });
    const levels: Record<string, number> = { 30: 0, 90: 85, 37: 170, 97: 255 };
    const used = cells
      .flat()
      .flatMap(({ foreground, background }) => [levels[foreground], levels[Number(background) - 10]]);
    const mean = used.reduce((sum, level) => sum + level, 0) / used.length;
    expect(mean).toBeGreaterThan(108);
    expect(mean).toBeLessThan(148);
  });

  it('are shades without colors, bright where ink is bright', async () => {
    const shades = async (bright: boolean) => {
      const { cells } = await drawPicture(await squares, 2, 2, { ...plainLook, bright });
      return cells.map((row) => row.map(({ text }) => text).join(''));
    };
    expect((await shades(false))[0]).toBe(' @');
    expect((await shades(true))[0]).toBe('@ ');
  });

  it('keep the cells that nobody sees change', async () => {
    const grey = (value: number) =>
      sharp({ create: { width: 4, height: 4, channels: 3, background: { r: value, g: 100, b: 100 } } })
        .png()
        .toBuffer();
    const look = { ...plainLook, colors: 3 as const };
    const first = await drawPicture(await grey(100), 2, 1, look);
    const second = await drawPicture(await grey(103), 2, 1, look, first);
    expect(second.cells).toEqual(first.cells);
    // Small steps do not add up unnoticed: each is compared with what is shown.
    const third = await drawPicture(await grey(106), 2, 1, look, second);
    expect(third.cells[0][0].background).toBe('48;2;106;100;100');
  });
});
