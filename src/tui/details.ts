/** Everything known about a job, as names and values. */
import { basename, extname } from 'node:path';
import { termKeys } from '../losses/table.js';
import type { JobRecord } from '../queue/job.js';
import type { Provenance } from '../settings/provenance.js';
import { termWeights } from '../settings/settings.js';
import { duration, shortNumber } from '../util/format.js';
import { localMinute } from '../util/time.js';
import { exact } from './knobs.js';
import { lossRows } from './terms.js';

/** The recipe in a painting. */
export interface KnownRecipe {
  provenance: Provenance;
  /** The presets that it agrees with. */
  presets: readonly string[];
}

/** Empty values are left out. */
export function detailsOf(record: JobRecord, recipe?: KnownRecipe): [name: string, value: string][] {
  const { status, source, output, reason, attempts, seconds, losses } = record;
  const { queuedAt, startedAt, finishedAt } = record;
  const lines: [string, string | null][] = [
    ...(status === 'done' ? [] : ([['status', status]] as [string, string][])),
    ['reason', reason],
    ...(recipe ? recipeLines(recipe) : []),
    ['painted for', seconds === null ? null : duration(seconds)],
    ...(losses ? lossRows(losses) : []).map(({ key, value }): [string, string] => [key, shortNumber(value)]),
    ['photo', source],
    ['painting', output],
    ['queued', localMinute(queuedAt)],
    ['started', startedAt && localMinute(startedAt)],
    ['finished', finishedAt && localMinute(finishedAt)],
    ['tries', attempts > 1 ? String(attempts) : null],
  ];
  return lines.filter((line): line is [string, string] => line[1] !== null);
}

/** How a picture was painted; null where there is nothing to tell. No paths. */
export function recipeLines({ provenance, presets }: KnownRecipe): [string, string | null][] {
  const { settings, iterations, history, painted } = provenance;
  const { styles, blend, width, size } = settings;
  const names = styles.map((path) => basename(path, extname(path)));
  // What counted at the end, where it was changed by hand.
  const changed = history.flatMap(({ weights }) => weights ?? []).at(-1);
  const weights = changed ?? termWeights(settings);
  const shares = changed?.blend ?? blend ?? [];
  return [
    [
      'style',
      names.map((name, i) => (names.length > 1 ? `${name} ${(shares[i] ?? 1).toFixed(2)}` : name)).join(', '),
    ],
    ['preset', presets.join(', ') || null],
    ['size', painted ? `${painted.width}×${painted.height}` : String(width ?? size)],
    ['iterations', String(iterations)],
    ['weights', termKeys.map((key) => `${key} ${exact(weights[key])}`).join(', ')],
    ['changes by hand', history.length > 0 ? String(history.length) : null],
  ];
}
