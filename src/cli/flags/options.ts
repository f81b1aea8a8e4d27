/** Flags shared by commands, and their conversion to settings. */
import { availableParallelism } from 'node:os';
import type { Argv } from 'yargs';
import { completed } from '../../app/recipes.js';
import type { RunningFlags } from '../../app/running-flags.js';
import { engineNames } from '../../engine/placement.js';
import { defaultStyleLoss, styleLosses, styleLossNames, terms, weightSetting } from '../../losses/table.js';
import { chosenNetwork } from '../../network/store.js';
import { layered, loadPreset, namedStyles, usualPreset } from '../../settings/presets.js';
import { printSizeExample } from '../../settings/print-size.js';
import {
  currentSpelling,
  mapPaths,
  parseSettings,
  type Settings,
  settingNames,
} from '../../settings/settings.js';
import { themeNames } from '../../tui/theme.js';
import { UserError } from '../../util/errors.js';
import { currentConfig } from '../config.js';
import {
  bytes,
  files,
  kebab,
  last,
  layerShares,
  layerStyles,
  list,
  numbers,
  seconds,
  toNumber,
  toShare,
} from './values.js';

export const text = (describe: string) =>
  ({ type: 'string', coerce: last<string>, requiresArg: true, describe }) as const;
/** Parsed as a string, since yargs treats a repeated number of 1 as an increment. */
export const number = (describe: string) =>
  ({ type: 'string', coerce: toNumber, requiresArg: true, describe }) as const;
/** One value, several separated by comma, or given several times. Does not take the words after its value. */
export const each = <T>(coerce: (values: unknown) => T, describe: string) =>
  ({ ...several(coerce, describe), nargs: 1 }) as const;
export const flag = (describe: string) => ({ type: 'boolean', default: false, describe }) as const;
const several = <T>(coerce: (values: unknown) => T, describe: string) =>
  ({ type: 'string', array: true, requiresArg: true, coerce, describe }) as const;
/** Without a default, so that a preset decides if it is left out. */
const choice = (describe: string) => ({ type: 'boolean', describe }) as const;

/** --content-weight and the like. */
const weightOptions = Object.fromEntries(
  terms.map(({ key, weighs }) => [
    kebab(weightSetting(key)),
    number(`${weighs} (${styleLosses[defaultStyleLoss].weights[key]})`),
  ]),
);

/** Flags that control how a picture looks, with the names of anishathalye/neural-style where it has them. */
export function paintingOptions<T>(yargs: Argv<T>) {
  const options = yargs
    .option('style', {
      ...each(files, 'A painting to paint in the style of: a file, or a name such as starry-night'),
      alias: 's',
    })
    .option('styles', several(files, 'As --style, but takes all words that follow'))
    .option('blend', {
      ...several(numbers, 'Share of each style; equal by default'),
      alias: 'style-blend-weights',
    })
    .option('preset', each(list, 'Named settings, or a .json file; see stylize-tui presets'))
    .option('size', number('Longest side in pixels; photos are never enlarged (512)'))
    .option('width', number('Exact width in pixels, instead of --size'))
    .option(
      'print-size',
      text(`Size of a print, instead of --size: ${printSizeExample}; the photo is cropped`),
    )
    .option('bleed', number('Pixels painted beyond each edge and cut off (8)'))
    .option('iterations', number('Total steps of the optimizer, over all scales (32)'))
    .option('until', {
      ...text('End a scale when 20 iterations reduce the loss by less than this share: 0.1%'),
      coerce: toShare,
    })
    .option(
      'scales',
      number('Number of sizes from coarse to fine; 1: only the final one (as many as are useful)'),
    )
    .option('optimizer', { ...text('Optimization algorithm (lbfgs)'), choices: ['lbfgs', 'adam'] })
    .option('learning-rate', number("Adam's learning rate, in gray levels per step (10)"))
    .option('beta1', number("Adam's decay of the first moment (0.9)"))
    .option('beta2', number("Adam's decay of the second moment (0.999)"))
    .option('eps', { ...number("Adam's epsilon (1e-8)"), alias: 'epsilon' })
    .option('style-loss', { ...text(`The style loss (${defaultStyleLoss})`), choices: styleLossNames })
    .options(weightOptions)
    .option('content-weight-blend', number('relu4_2 × this + relu5_2 × (1 − this) (1)'))
    .option('content-layers', each(layerShares, 'Content layers and their weights: relu2_2:0.3,relu4_2:1'))
    .option('style-layer-weight-exp', number('Weight of each style layer relative to the one before (1)'))
    .option('style-layers', each(layerShares, 'Style layers and their weights: relu1_1:1,relu3_1:0.5'))
    .option(
      'layer-styles',
      each(layerStyles, 'Styles of single layers: relu1_1=a.jpg,relu4_1=b.jpg:0.6+c.jpg:0.4'),
    )
    .option('style-scales', several(numbers, "Style's width as a multiple of the photo's (1)"))
    .option(
      'style-size',
      number("Style's longest side in pixels, instead of --style-scales; small sizes give fine strokes"),
    )
    .option('keep-frame', choice('Keep the even border of a scanned style picture'))
    .option('masks', {
      ...several(files, 'One gray picture per style, white where it applies; elsewhere the photo stays'),
      alias: 'mask',
    })
    .option('initial', text('Picture to paint over, instead of the photo'))
    .option('initial-noiseblend', number('Share of noise in the picture to paint over, 0 to 1'))
    .option('start', {
      ...text("Start from the photo, the photo in the styles' colors, or noise (recolored)"),
      coerce: (values: string | string[]) => currentSpelling(last(values)),
      choices: ['content', 'recolored', 'noise'],
    })
    .option('seed', number('Seed of the noise (0)'))
    .option('sequence', choice('Photos are frames: each begins with the painting before it (docs/video.md)'))
    .option('preserve-colors', choice("Keep the photo's colors: only luma is painted"))
    .option('match-colors', choice("Match the styles' colors to the photo's first"))
    .option('pooling', { ...text('Pooling between blocks of the network (avg)'), choices: ['max', 'avg'] })
    .option('network', text('Weight file of a VGG-19, or box for the bundled one; see stylize-tui models'));
  return options.group(['style', 'preset', ...settingNames.map(kebab)], 'How the picture looks:');
}

/** Flags that control how the program runs and reports. */
export function runningOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('engine', {
      ...text('Library to compute with; auto: the fastest available'),
      choices: ['auto', ...engineNames],
      default: 'auto',
    })
    .option('device', {
      ...each(list, 'Device: auto, cpu, cuda:0, webgpu, …; several paint at the same time'),
      default: ['auto'],
    })
    .option('slots', number('Number of pictures painted at the same time (one per device)'))
    .option('threads', number(`Threads per picture on the processor (${availableParallelism()})`))
    .option('memory', {
      ...text(
        'Memory limit for painting, such as 2GB; larger pictures are painted in tiles (the free memory)',
      ),
      coerce: bytes,
    })
    .option('strict-size', flag('Fail if a picture does not fit in memory, instead of painting it smaller'))
    .option('within', {
      ...text(
        'Time to paint in, 90s or 2h, instead of --iterations: for all pictures together, for each one in watch without --once',
      ),
      coerce: seconds('within'),
    })
    .group(
      ['engine', 'device', 'slots', 'threads', 'memory', 'strict-size', 'within'],
      'Where it is painted:',
    )
    .option('strip-location', flag("Omit the photo's location from the painting's metadata"))
    .option('json', flag('One event per line on stdout (docs/events.md)'))
    .option('quiet', flag('Print only problems'))
    .option('tui', { ...flag('Full-screen interface; --no-tui prints plain lines'), default: true })
    .option('theme', {
      ...text("The screen's colors; auto: by the terminal's background"),
      choices: themeNames,
      default: 'auto' as const,
    })
    .option('notify', flag('Bell and desktop notification when all pictures are done'))
    .option(
      'log',
      text('Append events and messages to this file as JSON lines; five files of 10 MB are kept'),
    )
    .option('health', text('Touch this file at each iteration and while idle, for a supervisor'))
    .option('color', { ...text('Use colors'), choices: ['auto', 'always', 'never'], default: 'auto' });
}

/** Flags of the commands that use a queue on a server. */
export function sharedOptions<T>(yargs: Argv<T>) {
  return yargs
    .option(
      'queue',
      text('Queue on a server that other machines share: redis://host, postgres://user@host/db'),
    )
    .option('store', text('Where they exchange pictures: a folder that all see, or s3://bucket/prefix'))
    .option('queue-name', { ...text('Name of the queue on its server'), default: 'stylize-tui' })
    .option('queue-password-file', text('File that contains the password of the server'))
    .group(['queue', 'store', 'queue-name', 'queue-password-file'], 'Several machines (docs/cluster.md):');
}

const flagName = (setting: string) => `--${kebab(setting)}`;

/** The given flags that are settings; both have the same names. */
export function givenSettings(flags: Record<string, unknown>): Record<string, unknown> {
  const styles = [flags.style ?? [], flags.styles ?? []].flat();
  const given: Record<string, unknown> = { ...flags, styles: styles.length > 0 ? styles : undefined };
  const names = settingNames.filter((name) => given[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, given[name]]));
}

/** Settings that say the same thing in two ways. */
const contradictory: [string, string][] = [
  ['size', 'width'],
  ['size', 'printSize'],
  ['width', 'printSize'],
  ['styleScales', 'styleSize'],
  ['styleLayers', 'styleLayerWeightExp'],
  ['contentLayers', 'contentWeightBlend'],
  ['initial', 'start'],
  ['initialNoiseblend', 'start'],
];

const adamOnly = ['learningRate', 'beta1', 'beta2', 'epsilon'];

/**
 * @param settings of all flags and presets together; undefined if flags may have several values, which are combined
 * @throws UserError if two of the given flags exclude each other, or one has no effect with the others
 */
export function checkContradictions(flags: Record<string, unknown>, settings?: Partial<Settings>): void {
  const isGiven = (name: string) => flags[name] !== undefined;
  const pair = contradictory.find((names) => names.every(isGiven));
  if (pair) throw new UserError(`${pair.map(flagName).join(' and ')} exclude each other: use one of them.`);
  const ofAdam = adamOnly.find(isGiven);
  if (ofAdam && settings && settings.optimizer !== 'adam')
    throw new UserError(`${flagName(ofAdam)}: has no effect without --optimizer adam.`);
}

type SettingsFlags = Record<string, unknown> & { preset?: string[] };

/**
 * The settings of the command line: of its presets in order, overridden by its flags.
 * @throws UserError for a preset or a style that does not exist
 */
export async function ownSettings(flags: SettingsFlags): Promise<Partial<Settings>> {
  const given: Partial<Settings> = givenSettings(flags);
  const named = await namedStyles(given, '.');
  const presets = await settingsOf(flags.preset ?? []);
  return layered(
    ...presets,
    mapPaths(given, (path) => named.get(path) ?? path),
  );
}

const settingsOf = async (presets: readonly string[]): Promise<Partial<Settings>[]> =>
  Promise.all(presets.map(async (name) => (await loadPreset(name)).settings));

/** The default preset, overridden by the config file, whose presets do not count if the command line has its own. */
async function usualSettings(flags: SettingsFlags): Promise<Partial<Settings>> {
  const { presets, settings } = currentConfig();
  return layered(...(await settingsOf([usualPreset, ...(flags.preset ? [] : presets)])), settings);
}

/**
 * The settings of `base` (a picture's recipe, or what usually holds), overridden by the command line. Without defaults.
 * @throws UserError for invalid settings
 */
export async function explicitSettings(
  flags: SettingsFlags,
  base?: Partial<Settings>,
): Promise<Partial<Settings>> {
  const explicit = layered(base ?? (await usualSettings(flags)), await ownSettings(flags));
  parseSettings(explicit, 'Wrong settings', flagName);
  return { ...explicit, network: explicit.network ?? (await chosenNetwork()) ?? 'box' };
}

/** As explicitSettings(), with defaults. */
export const settingsFrom = async (flags: SettingsFlags, base?: Partial<Settings>): Promise<Settings> =>
  completed(await explicitSettings(flags, base));

/**
 * @param settings of all flags and presets together
 * @throws UserError for flags that a sequence of frames cannot be painted with, or that only one has
 */
export function checkSequence(flags: RunningFlags & { queue?: string }, settings: Partial<Settings>): void {
  const { slots = 1, device, queue } = flags;
  const firm = settings.temporalWeight !== undefined;
  if (!settings.sequence && firm) throw new UserError('--temporal-weight: has no effect without --sequence.');
  if (!settings.sequence) return;
  const why = 'with --sequence each frame begins with the painting before it, so one is painted at a time';
  if (slots > 1) throw new UserError(`--slots ${slots}: ${why}. Leave out --slots.`);
  if (device.length > 1) throw new UserError(`--device ${device.join()}: ${why}. Name one device.`);
  if (queue !== undefined) throw new UserError(`--queue: ${why}, on one machine. Leave out --queue.`);
}

/** @throws UserError for a command that paints no sequences */
export function refuseSequence(command: string, { sequence }: Partial<Settings>): void {
  if (sequence) throw new UserError(`--sequence: ${command} paints no sequences; run, watch and video do.`);
}

/** @throws UserError for invalid counts */
export function checkRunning({ slots, threads, printIterations }: RunningFlags, leastSlots = 1): void {
  checkCount('slots', slots, leastSlots);
  checkCount('print-iterations', printIterations);
  checkCount('threads', threads);
  const cores = availableParallelism();
  if (threads !== undefined && threads > cores)
    throw new UserError(`--threads ${threads}: this machine has ${cores}; more would be slower.`);
}

/** @throws UserError unless it is a whole number from `least` up */
export function checkCount(flag: string, count: number | undefined, least = 1): void {
  if (count !== undefined && !(Number.isInteger(count) && count >= least))
    throw new UserError(`--${flag} ${count}: expected a whole number from ${least} up.`);
}
