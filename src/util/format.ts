/** Numbers, times, names, bars and trend lines as text of a known width. */
import { dirname, sep } from 'node:path';
import stringWidth from 'string-width';

/** What the terminal can show: Unicode blocks, or plain ASCII. */
export interface Glyphs {
  full: string;
  /** From an eighth to seven eighths of a cell. */
  parts: string;
  empty: string;
  /** From low to high. */
  levels: string;
  chosen: string;
  ellipsis: string;
  times: string;
  arrow: string;
  dot: string;
  /** Where a bar is divided. */
  divide: string;
}

export const unicode: Glyphs = {
  full: '█',
  parts: '▏▎▍▌▋▊▉',
  empty: '░',
  levels: '▁▂▃▄▅▆▇█',
  chosen: '▸',
  ellipsis: '…',
  times: '×',
  arrow: '→',
  dot: '·',
  divide: '│',
};

export const ascii: Glyphs = {
  full: '#',
  parts: '',
  empty: '.',
  levels: '_.-=^',
  chosen: '>',
  ellipsis: '~',
  times: 'x',
  arrow: '->',
  dot: '-',
  divide: '|',
};

/** Three significant figures and a magnitude: 950, 12.3k, 1.23M, 45.6G; two of what is tiny: 1.0e-5. Six columns at most. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) < 0.005 && Math.abs(value) >= 1e-9) return value.toExponential(1);
  const magnitudes = ['', 'k', 'M', 'G', 'T', 'P'];
  let power = 0;
  let scaled = value;
  while (Math.abs(scaled) >= 999.5 && power < magnitudes.length - 1) {
    scaled /= 1000;
    power++;
  }
  const digits = Math.abs(scaled) >= 99.95 ? 0 : Math.abs(scaled) >= 9.995 ? 1 : 2;
  return `${scaled.toFixed(digits)}${magnitudes[power]}`;
}

/** 0:07, 3:20, 1:02:03. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A bar `width` columns wide, filled to `share` (0..1). `trough` shows the empty part. */
export function bar(share: number, width: number, glyphs: Glyphs, trough = false): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share || 0)) * width * 8);
  const full = Math.floor(eighths / 8);
  const part = full < width && glyphs.parts ? (glyphs.parts[(eighths % 8) - 1] ?? '') : '';
  const rest = width - full - part.length;
  return glyphs.full.repeat(full) + part + (trough ? glyphs.empty : ' ').repeat(rest);
}

/** A bar divided at these shares of its width. */
export function divided(bar: string, shares: readonly number[], glyphs: Glyphs): string {
  const chars = [...bar];
  for (const share of shares)
    chars[Math.min(Math.round(share * chars.length), chars.length - 1)] = glyphs.divide;
  return chars.join('');
}

/** -3.2%, +12%: by what share a number has changed. Five columns at most. */
export function relativeChange(share: number): string {
  const percent = Math.min(999, 100 * share);
  return `${percent < 0 ? '' : '+'}${percent.toFixed(Math.abs(percent) < 9.95 ? 1 : 0)}%`;
}

/** The points as a line of `width` columns on a log scale, from the lowest to the highest of them. */
export function sparkline(points: readonly number[], width: number, glyphs: Glyphs): string {
  const logs = points.map((value) => Math.log(Math.max(value, Number.MIN_VALUE)));
  const columns = Array.from({ length: Math.min(width, logs.length) }, (_, i) => {
    const from = Math.floor((i * logs.length) / Math.min(width, logs.length));
    const to = Math.floor(((i + 1) * logs.length) / Math.min(width, logs.length));
    const slice = logs.slice(from, to);
    return slice.reduce((sum, value) => sum + value, 0) / slice.length;
  });
  const lowest = Math.min(...columns);
  const span = Math.max(...columns) - lowest;
  const top = glyphs.levels.length - 1;
  return columns
    .map((value) => glyphs.levels[span > 0 ? Math.round(((value - lowest) / span) * top) : 0])
    .join('');
}

/**
 * A name may hold line breaks and whatever else moves a terminal's cursor, and marks that reorder what follows (Unicode's
 * Bidi_Control).
 */
export const printable = (text: string): string =>
  text.replace(/\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/gu, '?');

/** A reason beside its photo's name: without the photo's path that it begins with, or the folder of another file's. */
export function reasonBeside(source: string, reason: string): string {
  const rest = reason.replace(`${source}: `, '');
  const folder = `${dirname(source)}${sep}`;
  return rest.startsWith(folder) ? rest.slice(folder.length) : rest;
}

/** Text of at most `width` columns; what is too long loses its middle, so that a file's ending stays. */
export function clip(given: string, width: number, glyphs: Glyphs): string {
  const text = printable(given);
  if (stringWidth(text) <= width) return text;
  if (width <= 1) return glyphs.ellipsis.slice(0, Math.max(0, width));
  const chars = [...text];
  let head = '';
  let tail = '';
  while (chars.length > 0) {
    const fromHead = stringWidth(head) <= stringWidth(tail);
    const next = fromHead ? head + chars.shift()! : chars.pop()! + tail;
    if (stringWidth(next) + stringWidth(fromHead ? tail : head) + 1 > width) break;
    if (fromHead) head = next;
    else tail = next;
  }
  return head + glyphs.ellipsis + tail;
}

/** Text of at most `width` columns; what is too long loses its end, so that a sentence can be read from its beginning. */
export function clipEnd(given: string, width: number, glyphs: Glyphs): string {
  const text = printable(given);
  if (stringWidth(text) <= width) return text;
  let head = '';
  for (const char of text) {
    if (stringWidth(head + char) + 1 > width) break;
    head += char;
  }
  return (head + glyphs.ellipsis).slice(0, Math.max(0, width));
}

/** Exactly `width` columns, cut or filled with blanks. */
export function pad(text: string, width: number, glyphs: Glyphs): string {
  const fitted = clip(text, width, glyphs);
  return fitted + ' '.repeat(Math.max(0, width - stringWidth(fitted)));
}

/** Why a painting ended before its iterations were done, to be put behind other words; empty where it did not. */
export function settled({ ended, iterations }: { ended: string; iterations: number }): string {
  return ended === 'until' ? `, settled after ${iterations} iterations` : '';
}
