/** The variants of a sweep: flags that take one value in other commands take several here. */
import type { Argv } from 'yargs';
import { kebab, list, toNumber } from './values.js';

const numberSettings = [
  'size',
  'iterations',
  'scales',
  'contentWeight',
  'styleWeight',
  'tvWeight',
  'contentWeightBlend',
  'styleLayerWeightExp',
  'styleSize',
  'initialNoiseblend',
  'seed',
  'learningRate',
];
const choiceSettings = ['optimizer', 'start', 'pooling'];

/** One combination of values of the given flags. */
export interface Variant {
  /** The difference from the other variants, as `style-weight 20, preset draft`; empty if there is only one. */
  label: string;
  /** For settingsFrom(). */
  flags: Record<string, unknown>;
}

/** Lets flags of paintingOptions() take several values. */
export function severalValues<T>(yargs: Argv<T>): Argv<T> {
  const each = (values: unknown) => list(values)?.map(toNumber);
  for (const setting of numberSettings) yargs.option(kebab(setting), { array: true, coerce: each });
  for (const setting of choiceSettings) yargs.option(kebab(setting), { array: true, coerce: list });
  return yargs.option('preset', { describe: 'Presets to try one by one; a+b is a overridden by b' });
}

/** Every combination of the given values; the flag that comes last in the lists above varies fastest. */
export function variants(flags: Record<string, unknown>): Variant[] {
  const settings = ['preset', ...numberSettings, ...choiceSettings].filter(
    (name) => flags[name] !== undefined,
  );
  let found: Variant[] = [{ label: '', flags: {} }];
  for (const setting of settings) {
    const values = [...new Set(flags[setting] as unknown[])];
    found = found.flatMap((variant) =>
      values.map((value) => {
        const label = values.length > 1 ? `${kebab(setting)} ${value}` : '';
        return {
          label: [variant.label, label].filter(Boolean).join(', '),
          flags: { ...variant.flags, [setting]: setting === 'preset' ? String(value).split('+') : value },
        };
      }),
    );
  }
  return found;
}
