/** Flags that commands share, and what they mean as settings. */
import { availableParallelism } from 'node:os';
import type { Argv } from 'yargs';
import { completed } from '../../app/recipes.js';
import type { RunningFlags } from '../../app/running-flags.js';
import { engineNames } from '../../engine/placement.js';
import { defaultStyleLoss, styleLosses, styleLossNames, terms, weightSetting } from '../../losses/table.js';
import { chosenNetwork } from '../../network/store.js';
import { layered, loadPreset, usualPreset } from '../../settings/presets.js';
import { currentSpelling, parseSettings, type Settings, settingNames } from '../../settings/settings.js';
import { themeNames } from '../../tui/theme.js';
import { UserError } from '../../util/errors.js';
import { bytes, files, last, layerShares, layerStyles, list, numbers, toNumber, toShare } from './values.js';

export const text = (describe: string) =>
  ({ type: 'string', coerce: last<string>, requiresArg: true, describe }) as const;
/** Read as text: yargs itself takes a second value of 1 for an increment. */
export const number = (describe: string) =>
  ({ type: 'string', coerce: toNumber, requiresArg: true, describe }) as const;
export const flag = (describe: string) => ({ type: 'boolean', default: false, describe }) as const;
const several = <T>(coerce: (values: unknown) => T, describe: string) =>
  ({ type: 'string', array: true, requiresArg: true, coerce, describe }) as const;
/** Left out, a preset decides. */
const choice = (describe: string) => ({ type: 'boolean', describe }) as const;

/** --content-weight and the like. */
const weightOptions = Object.fromEntries(
  terms.map(({ key, weighs }) => [
    kebab(weightSetting(key)),
    number(`${weighs} (${styleLosses[defaultStyleLoss].weights[key]})`),
  ]),
);

/** What decides how a picture looks. Names are those of anishathalye/neural-style where it has them. */
export function paintingOptions<T>(yargs: Argv<T>) {
  const options = yargs
    .option('styles', several(files, 'Paintings to paint in the style of'))
    .option('blend', {
      ...several(numbers, 'Share of each style; equal if left out'),
      alias: 'style-blend-weights',
    })
    .option('preset', several(list, 'Settings with a name, or in a .json file; see stylize-tui presets'))
    .option('size', number('Longest side in pixels; nothing is enlarged (512)'))
    .option('width', number('Exactly this width in pixels, instead of --size'))
    .option('bleed', number('Pixels painted beyond each edge, and cut off (8)'))
    .option('iterations', number('Steps of the optimizer, over all scales (32)'))
    .option('until', {
      ...text('End a scale once 20 iterations take off less than this share of the loss: 0.1%'),
      coerce: toShare,
    })
    .option('scales', number('Sizes from coarse to fine; 1: only the final one (all that are of use)'))
    .option('optimizer', { ...text('How to descend (lbfgs)'), choices: ['lbfgs', 'adam'] })
    .option('learning-rate', number("Adam's, in grey levels a step (10)"))
    .option('beta1', number("Adam's: decay of the first moment (0.9)"))
    .option('beta2', number("Adam's: decay of the second moment (0.999)"))
    .option('eps', { ...number("Adam's (1e-8)"), alias: 'epsilon' })
    .option('style-loss', { ...text(`How style is measured (${defaultStyleLoss})`), choices: styleLossNames })
    .options(weightOptions)
    .option('content-weight-blend', number('relu4_2 × this + relu5_2 × (1 − this) (1)'))
    .option('content-layers', several(layerShares, 'Or any layers: relu2_2:0.3,relu4_2:1'))
    .option('style-layer-weight-exp', number('Each style layer counts this many times the one before (1)'))
    .option('style-layers', several(layerShares, 'Or any layers: relu1_1:1,relu3_1:0.5'))
    .option(
      'layer-styles',
      several(layerStyles, 'Other styles per layer: relu1_1=a.jpg,relu4_1=b.jpg:0.6+c.jpg:0.4'),
    )
    .option('style-scales', several(numbers, "Style's width as a multiple of the photo's (1)"))
    .option('style-size', number("Or the style's longest side in pixels: small ones paint fine strokes"))
    .option('keep-frame', choice('Keep the even border of a scanned style picture'))
    .option('masks', {
      ...several(files, 'One grey picture per style: where it paints; outside the photo stays'),
      alias: 'mask',
    })
    .option('initial', text('Picture to paint over, instead of the photo'))
    .option('initial-noiseblend', number('Share of noise in what is painted over, 0 to 1'))
    .option('start', {
      ...text("Paint over the photo, over it in the styles' colors, or from noise (recolored)"),
      coerce: (values: string | string[]) => currentSpelling(last(values)),
      choices: ['content', 'recolored', 'noise'],
    })
    .option('seed', number('Seed of the noise (0)'))
    .option('preserve-colors', choice("Keep the photo's colors: only luma is painted"))
    .option('match-colors', choice("Move the styles' colors to the photo's first"))
    .option('pooling', { ...text('Pooling between blocks of the network (avg)'), choices: ['max', 'avg'] })
    .option('network', text("Weight file of a VGG-19, or box: the program's own; see stylize-tui models"));
  return options.group(['preset', ...settingNames.map(kebab)], 'How the picture looks:');
}

/** What decides how the program runs and tells. */
export function runningOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('engine', {
      ...text('What computes; auto: the fastest there is'),
      choices: ['auto', ...engineNames],
      default: 'auto',
    })
    .option('device', {
      ...several(list, 'On what: auto, cpu, cuda:0, webgpu, …; several paint at the same time'),
      default: ['auto'],
    })
    .option('slots', number('Pictures painted at the same time (one on each device)'))
    .option('threads', number(`Threads for each picture on the processor (${availableParallelism()})`))
    .option('memory', {
      ...text(
        'What painting may take of it, such as 2GB; larger pictures are painted in tiles (what is free)',
      ),
      coerce: bytes,
    })
    .option(
      'strict-size',
      flag('When memory is too short for a picture: fail, instead of painting it smaller'),
    )
    .group(['engine', 'device', 'slots', 'threads', 'memory', 'strict-size'], 'Where it is painted:')
    .option('json', flag('One event a line on stdout (docs/events.md)'))
    .option('quiet', flag('Say only what went wrong'))
    .option('tui', { ...flag('The screen; --no-tui gives plain lines'), default: true })
    .option('theme', {
      ...text("The screen's colors; auto: as bright as the terminal's ground"),
      choices: themeNames,
      default: 'auto' as const,
    })
    .option('notify', flag('Bell and notification when all is done'))
    .option('log', text('Append what happens to this file as JSON lines; five of 10 MB are kept'))
    .option('health', text('Touch this file at each iteration, and while resting: for a supervisor'))
    .option('color', { ...text('Colors'), choices: ['auto', 'always', 'never'], default: 'auto' });
}

/** contentWeight → content-weight */
export function kebab(setting: string): string {
  return setting === 'epsilon' ? 'eps' : setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
const flagName = (setting: string) => `--${kebab(setting)}`;

/** The flags that are settings of the same name, as far as they were given. */
export function givenSettings(flags: Record<string, unknown>): Record<string, unknown> {
  const names = settingNames.filter((name) => flags[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, flags[name]]));
}

type SettingsFlags = Record<string, unknown> & { preset?: string[] };

/**
 * `below` (a picture's recipe, else the usual preset), then presets in order, then flags over them: what they say, without
 * defaults.
 * @throws UserError for what does not fit
 */
export async function explicitSettings(
  flags: SettingsFlags,
  below?: Partial<Settings>,
): Promise<Partial<Settings>> {
  const presets = [below ?? (await loadPreset(usualPreset)).settings];
  for (const preset of flags.preset ?? []) presets.push((await loadPreset(preset)).settings);
  const explicit = layered(...presets, givenSettings(flags));
  parseSettings(explicit, 'Wrong settings', flagName);
  return { ...explicit, network: explicit.network ?? (await chosenNetwork()) ?? 'box' };
}

/** Both together. */
export const settingsFrom = async (flags: SettingsFlags, below?: Partial<Settings>): Promise<Settings> =>
  completed(await explicitSettings(flags, below));

/** Throws UserError for counts that make no sense. */
export function checkRunning({ slots, threads, printIterations }: RunningFlags): void {
  checkCount('slots', slots);
  checkCount('print-iterations', printIterations);
  checkCount('threads', threads);
  const cores = availableParallelism();
  if (threads !== undefined && threads > cores)
    throw new UserError(`--threads ${threads}: there are ${cores} here; more only get in each other's way.`);
}

/** Throws UserError unless it is a whole number from 1 up. */
export function checkCount(flag: string, count: number | undefined): void {
  if (count !== undefined && !(Number.isInteger(count) && count >= 1))
    throw new UserError(`--${flag} ${count}: expected a whole number from 1 up.`);
}
