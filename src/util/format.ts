/** Formats numbers, times, names, bars and sparklines as text of a known width. */
import { basename, dirname, extname, relative, sep } from 'node:path';
import stringWidth from 'string-width';

/** Characters for drawing: Unicode blocks, or plain ASCII for terminals that need it. */
export interface Glyphs {
  full: string;
  /** Blocks of one eighth to seven eighths of a cell. */
  parts: string;
  empty: string;
  /** Blocks of a sparkline, from low to high. */
  levels: string;
  chosen: string;
  ellipsis: string;
  times: string;
  arrow: string;
  dot: string;
  /** Divider within a bar. */
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

/** Three significant figures and a magnitude: 950, 12.3k, 1.23M, 45.6G. Tiny numbers get two: 1.0e-5. At most six columns. */
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

/** `1:10 left`, or that there is no telling yet. */
export function timeLeft(seconds: number | undefined, { ellipsis }: Glyphs): string {
  if (seconds !== undefined) return `${duration(seconds)} left`;
  // Where clipped text ends in ~, there are only ASCII characters.
  return `estimating${ellipsis === '~' ? '...' : ellipsis}`;
}

/** A bar of `width` columns, filled to `share` (0..1). `trough` draws the empty part. */
export function bar(share: number, width: number, glyphs: Glyphs, trough = false): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share || 0)) * width * 8);
  const full = Math.floor(eighths / 8);
  const part = full < width && glyphs.parts ? (glyphs.parts[(eighths % 8) - 1] ?? '') : '';
  const rest = width - full - part.length;
  return glyphs.full.repeat(full) + part + (trough ? glyphs.empty : ' ').repeat(rest);
}

/** Draws dividers into a bar at these shares of its width (0..1). */
export function divided(bar: string, shares: readonly number[], glyphs: Glyphs): string {
  const chars = [...bar];
  for (const share of shares)
    chars[Math.min(Math.round(share * chars.length), chars.length - 1)] = glyphs.divide;
  return chars.join('');
}

/** A relative change as a percentage: -3.2%, +12%. At most five columns. */
export function relativeChange(share: number): string {
  const percent = Math.min(999, 100 * share);
  return `${percent < 0 ? '' : '+'}${percent.toFixed(Math.abs(percent) < 9.95 ? 1 : 0)}%`;
}

/** A sparkline of at most `width` columns, on a log scale from the lowest to the highest point. */
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
 * Replaces control characters, which could move the terminal's cursor, and Unicode's Bidi_Control characters, which could
 * reorder the line.
 */
export const printable = (text: string): string =>
  text.replace(/\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/gu, '?');

/** Printable text with its arrows and ellipses as the terminal can show them. */
export const drawable = (text: string, { arrow, ellipsis }: Glyphs): string =>
  printable(text).replaceAll('→', arrow).replaceAll('…', ellipsis);

/** Shortens a reason that is shown next to the photo's name: removes the photo's path, or the photo's folder from another path. */
export function shortReason(source: string, reason: string): string {
  const rest = reason.replace(`${source}: `, '');
  const folder = `${dirname(source)}${sep}`;
  return rest.startsWith(folder) ? rest.slice(folder.length) : rest;
}

/** Clips text to `width` columns in the middle, which keeps the extension of a file name. */
export function clip(given: string, width: number, glyphs: Glyphs): string {
  const text = drawable(given, glyphs);
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

/**
 * A photo's name and that of its painting, in `width` columns. Twice the same name, shortened, would tell less than once the
 * whole.
 */
export function fromTo(photo: string, painting: string, width: number, glyphs: Glyphs): string {
  const join = (a: string, b: string) => `${a} ${glyphs.arrow} ${b}`;
  const room = width - stringWidth(join('', ''));
  const half = Math.floor(room / 2);
  if (stringWidth(join(photo, painting)) <= width) return drawable(join(photo, painting), glyphs);
  if (photo === painting) return clip(photo, width, glyphs);
  // What one name leaves of its half goes to the other.
  const first = clip(photo, Math.max(half, room - stringWidth(painting)), glyphs);
  return join(first, clip(painting, room - stringWidth(first), glyphs));
}

/** Clips text to `width` columns at the end, for sentences. */
export function clipEnd(given: string, width: number, glyphs: Glyphs): string {
  const text = drawable(given, glyphs);
  if (stringWidth(text) <= width) return text;
  let head = '';
  for (const char of text) {
    if (stringWidth(head + char) + 1 > width) break;
    head += char;
  }
  return (head + glyphs.ellipsis).slice(0, Math.max(0, width));
}

/** Splits a sentence into lines of at most `width` columns, between words. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && stringWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Clips or pads text to exactly `width` columns. */
export function pad(text: string, width: number, glyphs: Glyphs): string {
  const fitted = clip(text, width, glyphs);
  return fitted + ' '.repeat(Math.max(0, width - stringWidth(fitted)));
}

/** A note to append if the painting stopped early because the loss no longer fell; else empty. */
export function earlyStopNote({ ended, iterations }: { ended: string; iterations: number }): string {
  return ended === 'until' ? `, converged after ${iterations} iterations` : '';
}

/** The path relative to the current folder, if that is shorter. */
export function shortPath(path: string): string {
  const short = relative('.', path) || '.';
  return short.length < path.length ? short : path;
}

/** "starry-night+great-wave" for the pictures of styles. */
export const styleName = (paths: readonly string[]) =>
  paths.map((path) => basename(path, extname(path))).join('+') || 'painted';

/** A command or a move that follows a picture. */
export interface FollowUpState {
  /** The command line, or the folder that the photo moves to. */
  command?: string;
  move?: string;
  status: 'waiting' | 'running' | 'done' | 'failed' | 'unknown';
  reason?: string | null;
}

/** What became of it, to append to a painting's line: "lp done", "moved to done". */
export function followUpNote({ command, move, status, reason }: FollowUpState): string {
  if (move !== undefined && status === 'done') return `moved to ${basename(move)}`;
  const what = move === undefined ? basename(/^\S+/.exec(command?.trim() ?? '')?.[0] ?? '') : 'move';
  if (status === 'unknown') return `${what} may have run`;
  const isTold = reason && status !== 'done' && status !== 'running';
  return isTold ? `${what} ${status}: ${reason}` : `${what} ${status}`;
}

/** Of several, what is to be told: the first that is not done, or the last; empty if there is none. */
export function followUpsNote(all: readonly FollowUpState[]): string {
  const told = all.find(({ status }) => status !== 'done') ?? all.at(-1);
  return told ? followUpNote(told) : '';
}
