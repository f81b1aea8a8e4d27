/** Draws a terminal's screen, as lines with color codes, as an SVG. */
import sharp from 'sharp';
import { cellsOf } from '../dist/tui/cells.js';

/** A cell in pixels, and letters that fill it. */
const [cellWidth, cellHeight, fontSize] = [9, 18, 15];
const margin = 12;
const paper = '#16181d';
const ink = '#d5d8df';
/** The sixteen colors, dark ones first. */
const palette =
  '#16181d #e06c75 #98c379 #e5c07b #61afef #c678dd #56b6c2 #d5d8df #5c6370 #e06c75 #98c379 #e5c07b #61afef #c678dd #56b6c2 #ffffff'.split(
    ' ',
  );

/**
 * @param {string[]} lines as tmux captures them: codes hold until they are changed, from one line to the next
 * @param {number} columns
 * @param {number} rows
 * @returns {Promise<string>}
 */
export const drawScreen = async (lines, columns, rows) =>
  framed(columns, rows, '', await inside(lines, columns, rows));

/**
 * Several screens, one after the other, again and again. Without motion, where the reader prefers that, the last one.
 * @param {string[][]} screens
 * @param {number} columns
 * @param {number} rows
 * @param {number} seconds for which each is shown
 */
export async function drawMovie(screens, columns, rows, seconds) {
  const drawn = [];
  for (const [i, lines] of screens.entries()) {
    const delay = (i * seconds).toFixed(2);
    drawn.push(
      `<g class="screen" style="animation-delay:${delay}s">${await inside(lines, columns, rows)}</g>`,
    );
  }
  const style = `<style>
.screen{opacity:0;animation:show ${(screens.length * seconds).toFixed(2)}s steps(1) infinite}
@keyframes show{0%{opacity:1}${(100 / screens.length).toFixed(3)}%{opacity:0}}
@media (prefers-reduced-motion:reduce){.screen{animation:none}.screen:last-of-type{opacity:1}}
</style>
`;
  return framed(columns, rows, style, drawn.join('\n'));
}

/** The picture and the words of a screen. */
async function inside(lines, columns, rows) {
  let held = '';
  const grid = lines.slice(0, rows).map((line) => {
    const text = held + singleCodes(line);
    held = heldBy(text);
    return cellsOf(text, columns);
  });
  const picture = await pixels(grid, columns, rows);
  const texts = grid.map((cells, y) => line(cells, y)).join('\n');
  return `<image width="${columns * cellWidth}" height="${rows * cellHeight}" preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,${picture}"/>
${texts}`;
}

function framed(columns, rows, style, content) {
  const width = columns * cellWidth + 2 * margin;
  const height = rows * cellHeight + 2 * margin;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>stylize-tui in a terminal of ${columns}×${rows}</title>
${style}<rect width="100%" height="100%" rx="8" fill="${paper}"/>
<g transform="translate(${margin} ${margin})" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="${fontSize}" fill="${ink}" xml:space="preserve">
${content}
</g>
</svg>
`;
}

/** Codes of several parameters as one code for each. */
function singleCodes(line) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: color codes begin with one
  return line.replace(/\x1b\[([\d;]*)m/g, (_, parameters) =>
    (parameters.match(/[34]8;2;\d+;\d+;\d+|[34]8;5;\d+|\d+/g) ?? ['0'])
      .map((code) => `\x1b[${code}m`)
      .join(''),
  );
}

/** What codes still hold at the end of a text: the last foreground and background, and attributes since a reset. */
function heldBy(text) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: color codes begin with one
  const codes = text.slice(Math.max(0, text.lastIndexOf('\x1b[0m'))).match(/\x1b\[[\d;]*m/g) ?? [];
  const of = (pattern) => codes.filter((code) => pattern.test(code.slice(2)));
  const last = (pattern) => of(pattern).slice(-1);
  return [...of(/^[1-9]m/), ...last(/^(3[0-9]|9[0-7])[m;]/), ...last(/^(4[0-9]|10[0-7])[m;]/)].join('');
}

/** The grounds and half-blocks, two pixels a cell, as a PNG in base64. */
async function pixels(grid, columns, rows) {
  const data = Buffer.alloc(columns * rows * 2 * 4);
  const set = (x, y, color) =>
    color && data.writeUInt32BE(Number.parseInt(`${color.slice(1)}ff`, 16), 4 * (y * columns + x));
  for (const [y, cells] of grid.entries())
    for (const [x, { text, foreground, background }] of cells.entries()) {
      const ground = colorOf(background);
      set(x, 2 * y, ground);
      set(x, 2 * y + 1, text === '▄' ? (colorOf(foreground) ?? ink) : ground);
    }
  const image = sharp(data, { raw: { width: columns, height: rows * 2, channels: 4 } });
  return (await image.png({ compressionLevel: 9 }).toBuffer()).toString('base64');
}

/** A row's words and blocks; what is drawn in one way is one element. */
function line(cells, y) {
  const elements = [];
  for (let x = 0; x < cells.length; ) {
    let end = x + 1;
    while (end < cells.length && together(cells[x], cells[end])) end++;
    elements.push(run(cells.slice(x, end), x, y));
    x = end;
  }
  return elements.join('');
}

const together = (a, b) =>
  a.foreground === b.foreground && a.attributes === b.attributes && kindOf(a.text) === kindOf(b.text);
const kindOf = (text) => (text === '▄' ? 'pixel' : /[▁-▏░]/.test(text) ? text : 'word');

function run(cells, x, y) {
  const text = cells.map(({ text }) => text).join('');
  const kind = kindOf(text[0]);
  if (kind === 'pixel' || text.trim() === '') return '';
  const { foreground, attributes } = cells[0];
  const [left, top, width] = [x * cellWidth, y * cellHeight, cells.length * cellWidth];
  const fill = colorOf(foreground);
  const has = (code) => attributes.split(';').includes(code);
  const look = `${fill ? ` fill="${fill}"` : ''}${has('2') ? ' opacity="0.6"' : ''}`;
  if (kind !== 'word') return block(kind, left, top, width, look);
  const trimmed = text.trimEnd();
  const length = trimmed.length * cellWidth;
  const bold = has('1') ? ' font-weight="bold"' : '';
  return `<text x="${left}" y="${top + 14}" textLength="${length}"${look}${bold}>${escaped(trimmed)}</text>`;
}

/** The blocks of eighths, which fonts seldom draw without gaps. */
function block(char, left, top, width, look) {
  const code = char.codePointAt(0);
  if (char === '░')
    return `<rect x="${left}" y="${top}" width="${width}" height="${cellHeight}" fill-opacity="0.25"${look}/>`;
  if (code <= 0x2588) {
    const high = ((code - 0x2580) * cellHeight) / 8;
    return `<rect x="${left}" y="${top + cellHeight - high}" width="${width}" height="${high}"${look}/>`;
  }
  return `<rect x="${left}" y="${top}" width="${(cellWidth * (0x2590 - code)) / 8}" height="${cellHeight}"${look}/>`;
}

/** @returns {string | undefined} #rrggbb of an SGR parameter; undefined for the terminal's own color */
function colorOf(code) {
  if (!code) return undefined;
  const numbers = code.split(';').map(Number);
  if (numbers[1] === 2)
    return `#${numbers
      .slice(2)
      .map((n) => n.toString(16).padStart(2, '0'))
      .join('')}`;
  const [n] = numbers;
  return palette[n >= 100 ? n - 92 : n >= 90 ? n - 82 : n % 10];
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
