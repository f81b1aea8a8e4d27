/** Flags that commands share, and what they mean as settings. */
import { availableParallelism } from 'node:os';
import type { Argv } from 'yargs';
import { UserError } from '../settings/errors.js';
import { loadPreset } from '../settings/presets.js';
import { parseSettings, type Settings } from '../settings/settings.js';

/** Numbers or names, by comma or space: "a,b c" → a, b, c. */
const list = (values: unknown) =>
  values === undefined
    ? undefined
    : [values]
        .flat()
        .flatMap((value) => String(value).split(','))
        .filter(Boolean);
const numbers = (values: unknown) => list(values)?.map(Number);

/** What decides how a picture looks. */
export function paintingOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('styles', {
      type: 'string',
      array: true,
      coerce: list,
      describe: 'Paintings to paint in the style of',
    })
    .option('blend', {
      type: 'string',
      array: true,
      coerce: numbers,
      describe: 'Share of each style; equal if left out',
    })
    .option('preset', { type: 'string', describe: 'Settings with a name: draft, good, neural-style' })
    .option('size', { type: 'number', describe: 'Longest side in pixels (512)' })
    .option('iterations', { type: 'number', describe: 'Evaluations of a picture, over all scales (150)' })
    .option('scales', { type: 'number', describe: 'Sizes from coarse to fine; 1: only the final one (3)' })
    .option('optimizer', { type: 'string', choices: ['lbfgs', 'adam'], describe: 'How to descend (lbfgs)' })
    .option('learning-rate', { type: 'number', describe: "Adam's, in grey levels a step (10)" })
    .option('content-weight', { type: 'number', describe: 'How much the photo holds (5)' })
    .option('style-weight', { type: 'number', describe: 'How much the painting pulls (5000)' })
    .option('tv-weight', { type: 'number', describe: 'How much noise is smoothed: total variation (100)' })
    .option('style-scales', {
      type: 'string',
      array: true,
      coerce: numbers,
      describe: "Style's width as a multiple of the photo's (1)",
    })
    .option('pooling', {
      type: 'string',
      choices: ['max', 'avg'],
      describe: 'Pooling between blocks of the network (max)',
    })
    .option('start', {
      type: 'string',
      choices: ['content', 'noise'],
      describe: 'Paint over the photo, or from noise (content)',
    })
    .option('seed', { type: 'number', describe: 'Seed of the noise (0)' });
}

/** What decides how the program runs and tells. */
export function runningOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('threads', {
      type: 'number',
      describe: `Threads for the computation (${availableParallelism()})`,
    })
    .option('json', {
      type: 'boolean',
      default: false,
      describe: 'One event a line on stdout (docs/events.md)',
    })
    .option('quiet', { type: 'boolean', default: false, describe: 'Say only what went wrong' })
    .option('tui', { type: 'boolean', default: true, describe: 'The screen; --no-tui gives plain lines' })
    .option('color', {
      type: 'string',
      choices: ['auto', 'always', 'never'],
      default: 'auto',
      describe: 'Colours',
    });
}

export interface RunningFlags {
  threads?: number;
  json: boolean;
  quiet: boolean;
  tui: boolean;
}

const settingFlags = [
  'blend',
  'size',
  'iterations',
  'scales',
  'optimizer',
  'learningRate',
  'contentWeight',
  'styleWeight',
  'tvWeight',
  'styleScales',
  'pooling',
  'start',
  'seed',
] as const;

/** Preset, then flags over it, then defaults for the rest. Throws UserError for what does not fit. */
export async function settingsFrom(flags: Record<string, unknown> & { preset?: string }): Promise<Settings> {
  const preset = flags.preset === undefined ? {} : await loadPreset(flags.preset);
  const given = settingFlags.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]);
  return parseSettings({ ...preset, ...Object.fromEntries(given) }, 'settings');
}

/** Throws UserError unless it is a whole number from 1 up. */
export function checkThreads(threads: number | undefined): void {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new UserError(`--threads ${threads}: expected a whole number from 1 up.`);
  }
}
