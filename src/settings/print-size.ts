/** Sizes of prints: 10x15cm@300 is 10 by 15 centimeters at 300 pixels an inch. */
import type { Size } from '../image/picture.js';

interface PrintSize {
  /** In the unit. */
  short: number;
  long: number;
  unit: Unit;
  /** Pixels an inch. */
  density: number;
}

const perInch = { cm: 2.54, mm: 25.4, in: 1 };
type Unit = keyof typeof perInch;

const pattern = /^([\d.]+)\s*[x×]\s*([\d.]+)\s*(cm|mm|in)\s*(?:@\s*([\d.]+)\s*(?:dpi)?)?$/i;

const usualDensity = 300;

/** For messages. */
export const printSizeExample = '10x15cm, 148x210mm or 4x6in@240';

function parse(text: string): PrintSize | undefined {
  const [, a, b, unit, density = usualDensity] = pattern.exec(text.trim()) ?? [];
  const [short, long] = [Number(a), Number(b)].sort((x, y) => x - y);
  if (!(short > 0) || !(Number(density) > 0)) return undefined;
  return { short, long, unit: unit.toLowerCase() as Unit, density: Number(density) };
}

/** The same size always written the same way, 10x15cm@300; anything else is left as it is. */
export function normalPrintSize(text: string): string {
  const print = parse(text);
  return print ? `${print.short}x${print.long}${print.unit}@${print.density}` : text;
}

/** In pixels, upright; undefined for anything but a size. */
export function printPixels(text: string): Size | undefined {
  const print = parse(text);
  if (!print) return undefined;
  const pixels = (length: number) => Math.round((length / perInch[print.unit]) * print.density);
  return { width: pixels(print.short), height: pixels(print.long) };
}

/** The pixels an inch that a size says. */
export const printDensityOf = (text: string) => parse(text)!.density;

/** The same paper with other pixels an inch. */
export const withDensity = (text: string, density: number) =>
  normalPrintSize(text).replace(/@.*/, `@${Number(density.toFixed(3))}`);

/** Pixels an inch of a picture that is printed at this size: fewer than asked for if the picture is smaller. */
export function printDensity(text: string, { width, height }: Size): number {
  const { long, unit } = parse(text)!;
  return Math.max(width, height) / (long / perInch[unit]);
}

/** "10 x 15 cm"; "15 x 10 cm" for a picture that is wider than high. */
export function printName(text: string, { width, height }: Size): string {
  const { short, long, unit } = parse(text)!;
  return `${(width > height ? [long, short] : [short, long]).join(' x ')} ${unit}`;
}
