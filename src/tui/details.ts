/** Everything known about a job, as names and values. */
import { basename, extname } from 'node:path';
import { termKeys } from '../losses/table.js';
import type { FollowUpRecord, JobRecord } from '../queue/job.js';
import type { Provenance } from '../settings/provenance.js';
import { termWeights } from '../settings/settings.js';
import { duration, followUpNote, shortNumber } from '../util/format.js';
import { localMinute } from '../util/time.js';
import { exact } from './knobs.js';
import { lossRows } from './terms.js';

/** The recipe in a painting. */
export interface KnownRecipe {
  provenance: Provenance;
  /** The presets that it agrees with. */
  presets: readonly string[];
}

/** Empty values are left out. What matters most comes first, since the end may not fit on the screen. */
export function detailsOf(record: JobRecord, recipe?: KnownRecipe): [name: string, value: string][] {
  const { status, source, output, reason, attempts, seconds, losses, followUps } = record;
  const { queuedAt, startedAt, finishedAt } = record;
  const hasTrouble = followUps.some(({ status }) => status !== 'done');
  const after: [string, string | null] = ['follow-ups', followUps.map(followUpLine).join('; ') || null];
  const lines: [string, string | null][] = [
    ...(status === 'done' ? [] : ([['status', status]] as [string, string][])),
    ['reason', reason],
    ...(hasTrouble ? [after] : []),
    ...(recipe ? recipeLines(recipe) : []),
    ['painted for', seconds === null ? null : duration(seconds)],
    ['photo', source],
    ['painting', output],
    ['queued', localMinute(queuedAt)],
    ['started', startedAt && localMinute(startedAt)],
    ['finished', finishedAt && localMinute(finishedAt)],
    ['tries', attempts > 1 ? String(attempts) : null],
    ...(hasTrouble ? [] : [after]),
    ...(losses ? lossRows(losses) : []).map(({ key, value }): [string, string] => [key, shortNumber(value)]),
  ];
  return lines.filter((line): line is [string, string] => line[1] !== null);
}

function followUpLine(record: FollowUpRecord): string {
  const { command, status, attempts, reason } = record;
  if (command === undefined) return followUpNote(record);
  const why = status === 'done' || reason === null ? '' : `, ${reason}`;
  const tries = attempts > 1 ? ` (${attempts} tries)` : '';
  return `${command}: ${status === 'unknown' ? 'may have run' : status}${why}${tries}`;
}

/** How a picture was painted; null where there is nothing to tell. No paths. */
export function recipeLines({ provenance, presets }: KnownRecipe): [string, string | null][] {
  const { settings, iterations, history, painted } = provenance;
  const { styles, blend, width, size, printSize } = settings;
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
    ['size', painted ? `${painted.width}×${painted.height}` : (printSize ?? String(width ?? size))],
    ['iterations', String(iterations)],
    [
      'weights',
      termKeys
        .flatMap((key) => (weights[key] === undefined ? [] : `${key} ${exact(weights[key])}`))
        .join(', '),
    ],
    ['changes by hand', history.length > 0 ? String(history.length) : null],
  ];
}
