/** Parses the values of flags. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import type { Settings } from '../../settings/settings.js';
import { UserError } from '../../util/errors.js';

/** The last value counts if a flag is given more than once. */
export const last = <T>(values: T | T[]): T => (Array.isArray(values) ? values.at(-1)! : values);

/** --colour is --color, and so on; values are left as they are. */
export const americanSpelling = (argument: string): string =>
  argument.replace(/^--[\w-]+/, (flag) => flag.replaceAll('colour', 'color'));

/** Replaces ~ by the home folder where a shell does not: after the = of a flag, and within a list. */
export const expandHome = (argument: string): string =>
  existsSync(argument)
    ? argument
    : argument.replace(/(?<=^|[=,+])~(?=[\\/,+]|$)/g, () => homedir().replace(/(?<=.)[\\/]+$/, ''));

/** As the screen writes numbers: 9k, 1.5M. */
const magnitudes: Record<string, number> = { k: 1e3, m: 1e6, g: 1e9 };

/** 12, 1e-8 or 9k; NaN for anything else. */
function parseNumber(text: unknown): number {
  const [, digits, magnitude] = /^([-+]?[\d.]+)([kmg])$/i.exec(String(text)) ?? [];
  return digits === undefined ? Number(text) : Number(digits) * magnitudes[magnitude.toLowerCase()];
}

/** Values that are not numbers are returned unchanged, for the error message. */
export function toNumber(values: unknown): number | undefined {
  const value = last(values);
  const number = parseNumber(value);
  return value === undefined || Number.isNaN(number) ? (value as undefined) : number;
}

const units: Record<string, number> = { k: 1e3, m: 1e6, g: 1e9, ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30 };

/**
 * 2GB, 1.5 GiB, 800M → bytes
 * @throws UserError for anything else
 */
export function bytes(values: unknown): number | undefined {
  const value = last(values);
  if (value === undefined) return undefined;
  const [, number, unit] = /^([\d.]+) *([kmg]i?)b?$/i.exec(String(value)) ?? [];
  const size = Number(number) * units[unit?.toLowerCase()];
  if (size > 0) return size;
  throw new UserError(`--memory ${value}: expected a size, such as 2GB or 800MB.`);
}

/**
 * 90s, 5m, 1h30m → seconds
 * @throws UserError for anything else
 */
export const seconds =
  (flag: string) =>
  (values: unknown): number | undefined => {
    const value = last(values);
    if (value === undefined) return undefined;
    const [whole, hours = 0, minutes = 0, rest = 0] =
      /^(?:([\d.]+)h)?(?:([\d.]+)m(?:in)?)?(?:([\d.]+)s)?$/i.exec(String(value).replaceAll(' ', '')) ?? [];
    const total = 3600 * Number(hours) + 60 * Number(minutes) + Number(rest);
    if (whole && total > 0) return total;
    throw new UserError(`--${flag} ${value}: expected a time, such as 90s, 5m or 1h30m.`);
  };

/** 0.1% or 0.001 → 0.001 */
export function toShare(values: unknown): number | undefined {
  const [, percent] = /^([\d.]+)%$/.exec(String(last(values))) ?? [];
  return percent === undefined ? toNumber(values) : Number(percent) / 100;
}

/** One or several, each as it is. */
export const texts = (values: unknown): string[] | undefined =>
  values === undefined ? undefined : [values].flat().map(String);

/** Separated by comma or space: "a,b c" → a, b, c. */
export const list = (values: unknown): string[] | undefined => split(values, () => false);

/** As `list`, but the commas of *.{jpg,png} belong to the pattern. */
export const globs = (values: unknown): string[] | undefined =>
  texts(values)
    ?.flatMap((value) => value.split(/,(?![^{]*\})/))
    .filter(Boolean);

/** As `list`, but the names of existing files may contain commas. */
export const files = (values: unknown): string[] | undefined => split(values, existsSync);

function split(values: unknown, isWhole: (value: string) => boolean): string[] | undefined {
  if (values === undefined) return undefined;
  return [values]
    .flat()
    .map(String)
    .flatMap((value) => (isWhole(value) ? [value] : value.split(',')))
    .filter(Boolean);
}

export const numbers = (values: unknown): number[] | undefined => list(values)?.map(parseNumber);

/** relu2_2:0.3,relu4_2 → the weight of each layer, 1 by default. */
export function layerShares(values: unknown): Record<string, number> | undefined {
  const parts = list(values)?.map((part) => splitShare(part));
  return parts && Object.fromEntries(parts.map(({ name, share }) => [name, share]));
}

/** relu1_1=a.jpg,relu4_1=b.jpg:0.6+c.jpg:0.4 → the styles of each layer and their shares. */
export function layerStyles(values: unknown): Settings['layerStyles'] {
  const parts = list(values)?.map((part) => {
    const equals = part.indexOf('=');
    if (equals < 1)
      throw new UserError(
        `--layer-styles ${part}: expected LAYER=STYLE, such as relu1_1=a.jpg or relu4_1=b.jpg:0.6+c.jpg:0.4.`,
      );
    const styles = part
      .slice(equals + 1)
      .split('+')
      .map(splitShare);
    return [part.slice(0, equals), styles.map(({ name, share }) => ({ style: name, share }))] as const;
  });
  return parts && Object.fromEntries(parts);
}

/** name:0.6 → name and share, 1 by default. The colon of a Windows path does not count. */
function splitShare(text: string): { name: string; share: number } {
  const [, name, share] = /^(.+):([\d.]+(?:e[+-]?\d+|[kmg])?)$/i.exec(text) ?? [];
  return name === undefined ? { name: text, share: 1 } : { name, share: parseNumber(share) };
}

/** contentWeight → content-weight */
export function kebab(setting: string): string {
  return setting === 'epsilon' ? 'eps' : setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
