/**
 * What the same flags and presets meant in version 0.1, so that an upgrade paints nothing again that a ledger calls done:
 * a photo's painting is known by the hash of all settings, and defaults and presets have changed since.
 */
import { isDeepStrictEqual } from 'node:util';
import { styleLosses, termKeys, weightSetting } from '../losses/table.js';
import { layered, shippedPreset, usualPreset } from './presets.js';
import { type Settings, settingNames, settingsSchema } from './settings.js';

/** Defaults that have changed. */
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

/** Of presets about quality, and of none. */
const presets: Record<string, Partial<Settings>> = {
  draft: { size: 384, iterations: 60, until: 0.001 },
  good: { until: 0.001 },
  best: { size: 1024, iterations: 300, until: 0.001 },
};

/** Settings that people said then as the default is now: where they are as now, either may have been meant. */
const sayable = [[], ['start'], ['contentWeight'], ['start', 'contentWeight']];

/** What a preset says now, and what the same word said then. */
interface Words {
  now: Settings;
  before: Partial<Settings>;
}

/** Read once, since every photo's recipe asks. The user's own presets of these names say what they said then. */
let known: Promise<Words[]> | undefined;

async function readPresets(): Promise<Words[]> {
  const usual = (await shippedPreset(usualPreset)).settings;
  const words = (settings: Partial<Settings>, said: Partial<Settings>) => {
    const now = settingsSchema.parse(settings);
    return { now, before: { ...now, ...defaults, ...said } };
  };
  const named = Object.entries(presets).map(async ([name, said]) =>
    words(layered(usual, (await shippedPreset(name)).settings), said),
  );
  return [words(usual, {}), ...(await Promise.all(named))];
}

/** What these settings may have been: each that is as a default or a preset has it now is as that had it then. */
export async function formerSettings(settings: Settings): Promise<Settings[]> {
  known ??= readPresets();
  const all = await known;
  return sayable.flatMap((said) => all.map((words) => mapToFormer(settings, words, said)));
}

/** @param said names of settings that are left as they are */
function mapToFormer(settings: Settings, { now, before }: Words, said: readonly string[]): Settings {
  const found = settingNames.map((name) => {
    const isAsNow = !said.includes(name) && isDeepStrictEqual(settings[name], now[name]);
    return [name, isAsNow ? before[name] : settings[name]];
  });
  return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as Settings;
}

/** What is of use ends well below this many times the usual weight, and what was of use in version 0.1 begins above it. */
const farTooMuch = 20;

/** A line for a person whose weights seem to be of version 0.1, which knew the Gram loss only and its larger numbers. */
export function strayWeights(settings: Settings): string | undefined {
  if (settings.styleLoss !== 'wasserstein') return undefined;
  const { weights } = styleLosses.wasserstein;
  const stray = termKeys.filter((key) => settings[weightSetting(key)] > farTooMuch * weights[key]);
  if (stray.length === 0) return undefined;
  const found = stray.map((key) => `${key} weight ${settings[weightSetting(key)]} (usually ${weights[key]})`);
  return `${found.join(', ')}: far too much for the Wasserstein style loss. For what weights meant in version 0.1: --style-loss gram, or "styleLoss": "gram" in the file that says them.`;
}
