/**
 * Everything that decides how a picture is painted, as one schema: it validates flags, presets and recipes, and its
 * defaults are the recipe that gives the best picture in the time. docs/performance.md tells how they were found.
 */
import { z } from 'zod';
import {
  defaultStyleLoss,
  isUsual,
  type PerTerm,
  type SequenceKey,
  type StyleLossName,
  styleLosses,
  styleLossNames,
  type TermKey,
  termKeys,
  terms,
  weightSetting,
} from '../losses/table.js';
import { UserError } from '../util/errors.js';
import { closest } from '../util/suggest.js';
import { normalPrintSize, printPixels, printSizeExample } from './print-size.js';

const weight = z.number().min(0).max(1e12);
const path = z.string().min(1);
const share = z.number().min(0).max(1e6);
const fraction = z.number().min(0).max(1);

/** VGG-19's activations; which of them exist is the network's to say. */
const layer = z.string().regex(/^relu\d_\d$/, 'expected a layer such as relu4_2');

/** Share of each layer; scaled to sum 1. */
const layerShares = z
  .record(layer, share)
  .refine((shares) => Object.values(shares).some((value) => value > 0), 'one layer at least must count');

/** Sides of a picture in pixels. */
export const largestSide = 8192;
const sides = { least: 32, most: largestSide };

const printSize = z
  .string()
  .overwrite(normalPrintSize)
  .refine(
    (text) =>
      Object.values(printPixels(text) ?? { none: 0 }).every(
        (side) => side >= sides.least && side <= sides.most,
      ),
    `expected a size such as ${printSizeExample}, of ${sides.least} to ${sides.most} pixels a side`,
  );

type WeightSetting = ReturnType<typeof weightSetting<TermKey>>;

type OfSequences = ReturnType<typeof weightSetting<SequenceKey>>;

/** contentWeight and the like: what each term of the loss weighs. */
const weights = Object.fromEntries(
  terms.map((term) => [weightSetting(term.key), isUsual(term) ? weight : weight.optional()]),
) as Record<Exclude<WeightSetting, OfSequences>, typeof weight> &
  Record<OfSequences, z.ZodOptional<typeof weight>>;

/** A start, which recipes and flags of version 0.1 spell `recoloured`. */
export function currentSpelling(start: unknown): unknown {
  return start === 'recoloured' ? 'recolored' : start;
}

const settingsObject = z.strictObject({
  /** Longest side of the painted picture, in pixels; smaller photos are not enlarged. */
  size: z.number().int().min(sides.least).max(sides.most).default(512),
  /** Exactly this width, in pixels, instead of `size`; enlarges too. */
  width: z.number().int().min(sides.least).max(sides.most).optional(),
  /** The size of a print, 10x15cm@300, instead of `size`: the photo is cropped to its shape; enlarges too. */
  printSize: printSize.optional(),
  /** Pixels painted beyond each edge and cut off at the end, where the network would paint a rim. */
  bleed: z.number().int().min(0).max(256).default(8),
  /** Steps of the optimizer, over all scales. */
  iterations: z.number().int().min(1).max(100_000).default(32),
  /** Ends a scale early once 20 iterations take off less than this share of the loss; 0: never. */
  until: z.number().min(0).lt(1).default(0),
  /** Sizes painted from coarse to fine, each half of the next; 1: none but the final size; left out, all that are of use. */
  scales: z.number().int().min(1).max(8).optional(),
  optimizer: z.enum(['lbfgs', 'adam']).default('lbfgs'),
  /** For Adam: step size in gray levels, decay rates of the first and second moment, and ε in the denominator. */
  learningRate: z.number().positive().default(10),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().positive().default(1e-8),
  /** How style is measured; what weights mean, and what they are unless said, depends on it. */
  styleLoss: z.enum(styleLossNames).default(defaultStyleLoss),
  ...weights,
  /** relu4_2 × this + relu5_2 × (1 − this). */
  contentWeightBlend: fraction.default(1),
  /** Instead of the blend above: which layers hold the content. */
  contentLayers: layerShares.optional(),
  /** Each style layer counts this many times the one before it. */
  styleLayerWeightExp: z.number().min(0).max(1000).default(1),
  /** Instead of relu1_1, relu2_1 … relu5_1: which layers hold the style. */
  styleLayers: layerShares.optional(),
  /** Pictures to paint in the style of. */
  styles: z.array(path).default([]),
  /** Share of each style, in order; equal when left out. Scaled to sum 1. */
  blend: z.array(z.number()).optional(),
  /** Another blend for a layer; its styles need not be among `styles`. Shares are scaled to sum 1. */
  layerStyles: z.record(layer, z.array(z.strictObject({ style: path, share })).min(1)).optional(),
  /** Width of each style picture, as a multiple of the content's: one for all, or one per style. */
  styleScales: z.array(z.number().positive().max(16)).min(1).default([1]),
  /** Longest side of each style picture, in pixels, instead of `styleScales`; smaller ones are not enlarged. */
  styleSize: z.number().int().min(32).max(8192).optional(),
  /** Style pictures are taken with the even border that a scan may have. */
  keepFrame: z.boolean().default(false),
  /** Gray pictures, one per style: where it paints. Outside all of them the photo stays. */
  masks: z.array(path).optional(),
  /** Instead of the photo: what to paint over. */
  initial: path.optional(),
  /** Share of noise in what is painted over; when left out, `start` says, and an `initial` is taken as it is. */
  initialNoiseblend: fraction.optional(),
  /**
   * Painted over: the photo, the photo in the styles' colors, or noise; or `initial`, a painting that is enlarged: its strokes
   * stay, and only larger sizes are painted.
   */
  start: z
    .preprocess(currentSpelling, z.enum(['content', 'recolored', 'noise', 'enlarged']))
    .default('recolored'),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0),
  pooling: z.enum(['max', 'avg']).default('avg'),
  /** Weight file of a VGG-19, or `bundled`, which recipes call `box`: the one that comes with the program. */
  network: path.overwrite((name) => (name === 'bundled' ? 'box' : name)).optional(),
  /** The photos are frames: each is painted over the painting of the one before, which stays where nothing moved. */
  sequence: z.boolean().default(false),
  /** Luma of the painting, chroma of the photo. */
  preserveColors: z.boolean().default(false),
  /** The styles' colors are moved to the photo's before painting. */
  matchColors: z.boolean().default(false),
});

/** Names of all settings, in order. */
export const settingNames = Object.keys(settingsObject.shape) as (keyof typeof settingsObject.shape)[];

/** Weights that are not given default to those of the style loss. */
export const settingsSchema = z.preprocess((values) => {
  if (typeof values !== 'object' || values === null) return values;
  const { styleLoss = defaultStyleLoss, sequence } = values as {
    styleLoss?: StyleLossName;
    sequence?: boolean;
  };
  return { ...weightsOf(styleLoss, sequence), ...values };
}, settingsObject);

/** Those of the style loss's row in the table. For a name that is none, others, so that only the name is wrong. */
function weightsOf(styleLoss: StyleLossName, sequence = false) {
  const { weights } = styleLosses[styleLoss] ?? styleLosses[defaultStyleLoss];
  const counting = terms.filter((term) => sequence || isUsual(term));
  return Object.fromEntries(counting.map(({ key }) => [weightSetting(key), weights[key]]));
}

/**
 * What settings were before there was a word for them, or where they said nothing. A recipe without one of these means this, and its hash is made without
 * it, so that whatever was painted then counts as painted now.
 */
export const formerDefaults = { until: 0, styleLoss: 'gram', keepFrame: true, sequence: false } as const;

/** Weights of the terms, as settings. */
export const weightSettings = (weights: PerTerm): Partial<Settings> =>
  Object.fromEntries(
    termKeys.flatMap((key) => (weights[key] === undefined ? [] : [[weightSetting(key), weights[key]]])),
  );

/** The weight of each term, by its key. */
export const termWeights = (settings: Settings): PerTerm => {
  const weights = termKeys.map((key) => [key, settings[weightSetting(key)]] as const);
  return Object.fromEntries(weights.filter(([, value]) => value !== undefined)) as PerTerm;
};

export type Settings = z.infer<typeof settingsObject>;

/**
 * Fills in defaults.
 * @param origin where the values come from, for messages
 * @param nameOf how a setting is called there
 * @throws UserError that names each value that does not fit and says what would
 */
export function parseSettings(
  values: unknown,
  origin: string,
  nameOf = (setting: string) => setting,
): Settings {
  const parsed = settingsSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new UserError(
    `${origin}: ${parsed.error.issues.map((issue) => explain(issue, values, nameOf)).join('; ')}.`,
  );
}

/** As `parseSettings`, but only what the values say, without defaults. */
export function parseWithoutDefaults(values: object, origin: string): Partial<Settings> {
  const checked = parseSettings(values, origin);
  return Object.fromEntries(Object.entries(checked).filter(([key]) => Object.hasOwn(values, key)));
}

/**
 * The object that a file of settings holds, as yet unchecked.
 * @param origin the file's path, for messages
 * @throws UserError for anything but an object in JSON
 */
export function parseObject(text: string, origin: string): object {
  try {
    // Some editors begin a file with a byte order mark.
    const values: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof values === 'object' && values !== null && !Array.isArray(values)) return values;
  } catch (error) {
    throw new UserError(`${origin}: not JSON (${(error as Error).message}).`);
  }
  throw new UserError(`${origin}: expected settings such as {"size": 384}.`);
}

/** What is wrong with a value, what came, and what would do. */
function explain(issue: z.core.$ZodIssue, values: unknown, nameOf: (setting: string) => string): string {
  if (issue.code === 'unrecognized_keys')
    return `there is no setting ${issue.keys.map((key) => key + suggestion(closest(key, settingNames))).join(', ')}`;
  const [setting, ...inner] = issue.path;
  if (setting === undefined) return 'expected settings such as {"size": 384}';
  const got = issue.path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown>)?.[key],
    values,
  );
  const place = inner.map((key) => (typeof key === 'number' ? `number ${key + 1}` : String(key))).join(', ');
  const shown = typeof got === 'object' || issue.code === 'invalid_key' ? '' : ` ${String(got)}`;
  return `${nameOf(String(setting))}${shown}${place && ` (${place})`}: ${expectation(issue, got)}`;
}

const suggestion = (name: string | undefined) => (name === undefined ? '' : ` (did you mean ${name}?)`);

/** relu4-2 or conv4_2 → relu4_2 */
function layerLike(word: string): string | undefined {
  const [, block, index] = /([1-5])\D?([1-4])$/.exec(word) ?? [];
  return block && `relu${block}_${index}`;
}

function expectation(issue: z.core.$ZodIssue, got: unknown): string {
  switch (issue.code) {
    case 'too_small':
      return `expected ${issue.inclusive ? `${issue.minimum} or more` : `more than ${issue.minimum}`}`;
    case 'too_big':
      return `expected ${issue.inclusive ? `${issue.maximum} or less` : `less than ${issue.maximum}`}`;
    case 'invalid_type':
      return `expected ${issue.expected === 'int' ? 'a whole number' : `a ${issue.expected}`}`;
    case 'invalid_value':
      return `expected one of ${issue.values.join(', ')}${suggestion(closest(String(got), issue.values.map(String)))}`;
    case 'invalid_key':
      return `expected a layer such as relu4_2${suggestion(layerLike(String(issue.path.at(-1))))}`;
    default:
      return issue.message;
  }
}

/** The same settings with every path in them replaced: made absolute, say, or by what the file holds. */
export function mapPaths<T extends Partial<Settings>>(settings: T, change: (path: string) => string): T {
  const mapped = { ...settings };
  if (settings.styles) mapped.styles = settings.styles.map(change);
  if (settings.masks) mapped.masks = settings.masks.map(change);
  if (settings.initial) mapped.initial = change(settings.initial);
  if (settings.network && settings.network !== 'box') mapped.network = change(settings.network);
  if (settings.layerStyles) {
    mapped.layerStyles = Object.fromEntries(
      Object.entries(settings.layerStyles).map(([name, styles]) => [
        name,
        styles.map(({ style, share }) => ({ style: change(style), share })),
      ]),
    );
  }
  return mapped;
}

/** The side in pixels that settings ask for: the longest one, or the width. */
export function wantedSide({
  size,
  width,
  printSize,
}: Pick<Settings, 'size' | 'width' | 'printSize'>): number {
  const print = printSize === undefined ? undefined : printPixels(printSize);
  return print?.height ?? width ?? size;
}

/** How Adam descends. Each name is bound here: a renamed setting must not fall back to a default in silence. */
export const adamOptions = ({ learningRate, beta1, beta2, epsilon }: Settings) => ({
  learningRate,
  beta1,
  beta2,
  epsilon,
});
