/**
 * The hashes that a recipe may have had in version 0.1. A painting is identified by the hash of all its settings, and defaults
 * and presets have changed since, so without these an upgrade would paint everything again.
 */
import { isDeepStrictEqual } from 'node:util';
import { styleLosses, termKeys, weightSetting } from '../losses/table.js';
import { layered, shippedPreset, usualPreset } from './presets.js';
import { type Settings, settingNames, settingsSchema } from './settings.js';

/** Defaults of version 0.1 that have changed. */
const defaults: Partial<Settings> = {
  bleed: 16,
  iterations: 150,
  styleLoss: 'gram',
  contentWeight: 5,
  styleWeight: 2000,
  tvWeight: 400,
  keepFrame: true,
  start: 'content',
};

/** Quality presets as they were in version 0.1. */
const presets: Record<string, Partial<Settings>> = {
  draft: { size: 384, iterations: 60, until: 0.001 },
  good: { until: 0.001 },
  best: { size: 1024, iterations: 300, until: 0.001 },
};

/** Combinations of settings that may have been given explicitly in version 0.1 with what is now the default value. */
const optionalNames = [[], ['start'], ['contentWeight'], ['start', 'contentWeight']];

/** All settings of a preset, now and in version 0.1. */
interface Words {
  now: Settings;
  before: Partial<Settings>;
}

/** Read once, since every recipe needs them. The user's own presets are assumed unchanged. */
let known: Promise<Words[]> | undefined;

async function readPresets(): Promise<Words[]> {
  const usual = (await shippedPreset(usualPreset)).settings;
  const words = (settings: Partial<Settings>, explicit: Partial<Settings>) => {
    const now = settingsSchema.parse(settings);
    return { now, before: { ...now, ...defaults, ...explicit } };
  };
  const named = Object.entries(presets).map(async ([name, explicit]) =>
    words(layered(usual, (await shippedPreset(name)).settings), explicit),
  );
  return [words(usual, {}), ...(await Promise.all(named))];
}

/** The settings that these may have been in version 0.1: values equal to a current default become the former default. */
export async function formerSettings(settings: Settings): Promise<Settings[]> {
  known ??= readPresets();
  const all = await known;
  return optionalNames.flatMap((explicit) => all.map((words) => mapToFormer(settings, words, explicit)));
}

/** @param explicit names of settings to leave unchanged */
function mapToFormer(settings: Settings, { now, before }: Words, explicit: readonly string[]): Settings {
  const found = settingNames.map((name) => {
    const isAsNow = !explicit.includes(name) && isDeepStrictEqual(settings[name], now[name]);
    return [name, isAsNow ? before[name] : settings[name]];
  });
  return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as Settings;
}

/** Useful weights are far below this multiple of the default; weights meant for version 0.1 are above it. */
const suspiciousMultiple = 20;

/** A warning if weights seem to be meant for version 0.1, which had only the Gram loss and its larger weights. */
export function outdatedWeights(settings: Settings): string | undefined {
  if (settings.styleLoss !== 'wasserstein') return undefined;
  const { weights } = styleLosses.wasserstein;
  const stray = termKeys.filter(
    (key) => (settings[weightSetting(key)] ?? 0) > suspiciousMultiple * weights[key],
  );
  if (stray.length === 0) return undefined;
  const found = stray.map((key) => `${key} weight ${settings[weightSetting(key)]} (usually ${weights[key]})`);
  return `${found.join(', ')}: far too much for the Wasserstein style loss. For what weights meant in version 0.1: --style-loss gram, or "styleLoss": "gram" in the file that says them.`;
}
