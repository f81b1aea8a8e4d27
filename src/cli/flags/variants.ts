/** The ways to paint that a sweep tries: flags that take one value elsewhere take several here. */
import type { Argv } from 'yargs';
import { kebab } from './options.js';
import { list, toNumber } from './values.js';

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

/** One value for each of those flags that were given. */
export interface Variant {
  /** What tells it from the others, as `style-weight 20, preset draft`; empty where there is but one. */
  label: string;
  /** As settingsSaid() takes them. */
  flags: Record<string, unknown>;
}

/** Lets the flags of `paintingOptions` take several values where each could be tried. */
export function severalValues<T>(yargs: Argv<T>): Argv<T> {
  const each = (values: unknown) => list(values)?.map(toNumber);
  for (const setting of numberSettings) yargs.option(kebab(setting), { array: true, coerce: each });
  for (const setting of choiceSettings) yargs.option(kebab(setting), { array: true, coerce: list });
  return yargs.option('preset', { describe: 'Presets to try, each by itself; a+b lays b over a' });
}

/** Every combination of the values given; those of the flag that comes last in the list above change fastest. */
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
