/** The style picker: which entries it shows, and what their share means. */
import type { Choice } from './screen-actions.js';

export interface Picker {
  choices: readonly Choice[];
  /** Filters the choices, or is the beginning of a path. */
  text: string;
  /** What there is at the path. */
  paths: readonly Choice[];
  /** Index among the entries that are shown. */
  chosen: number;
  /** Share of the chosen painting, from `shareStep` to 1; below 1 it is added to the styles in use. */
  share: number;
  /** For what follows, instead of the picture shown. */
  following: boolean;
}

export const shareStep = 0.1;

export const isPath = (text: string): boolean => /^[~.]|[\\/]/.test(text);

/** The entries that match the text: paintings, then presets. */
export function shownChoices({
  choices,
  text,
  paths,
}: Pick<Picker, 'choices' | 'text' | 'paths'>): readonly Choice[] {
  if (isPath(text)) return paths;
  const words = text.toLowerCase().split(/\s+/);
  return choices.filter(({ name, about }) => {
    const searched = `${name} ${about}`.toLowerCase();
    return words.every((word) => searched.includes(word));
  });
}

/** A typed path, completed to the longest beginning that all entries share; folders end with a slash. */
export function completePath(text: string, paths: readonly Choice[]): string {
  const [first, ...others] = paths.map(({ name }) => name);
  if (first === undefined) return text;
  let { length } = first;
  while (!others.every((name) => name.startsWith(first.slice(0, length)))) length--;
  return text.slice(0, Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\')) + 1) + first.slice(0, length);
}

/** Share after a step, within its limits and without rounding errors. */
export const stepShare = (share: number, by: 1 | -1): number =>
  Math.min(1, Math.max(shareStep, Math.round((share + by * shareStep) * 100) / 100));

/** The choice beside the styles in use, which keep their proportions; as it is where it is to be alone. */
export function besideStyles(
  choice: Choice,
  share: number,
  { styles, blend }: { styles: readonly string[]; blend: readonly number[] },
): Choice {
  if (choice.kind !== 'painting' || share >= 1) return choice;
  const shares = [...blend.map((value) => value * (1 - share)), share];
  const settings = { styles: [...styles, choice.picture!], blend: shares };
  return { ...choice, name: `${choice.name} ${share.toFixed(2)}`, settings };
}
