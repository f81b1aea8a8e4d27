/** --dry-run: what would be painted, how large, how long it takes and how much memory; nothing is written. */
import { basename } from 'node:path';
import stringWidth from 'string-width';
import { estimate, evaluationTime } from '../app/estimate.js';
import type { RunningFlags } from '../app/running-flags.js';
import { choosePlacements } from '../engine/choose.js';
import { placementName } from '../engine/placement.js';
import type { Size } from '../image/picture.js';
import type { Recipe } from '../settings/recipe.js';
import { duration, shortPath, shortReason } from '../util/format.js';
import { freeMemory } from '../util/memory-budget.js';
import { say, warn } from '../util/say.js';
import { flag } from './flags/options.js';

export const dryRunFlag = flag('Print what would be painted, how large and how long it takes; paint nothing');

/** A photo that would be painted, or why not. */
export type Planned = { source: string } & (
  | { size: Size; recipe: Recipe; output: string }
  | { reason: string }
);

/**
 * Prints a line for each photo and their sum, or a JSON object for each.
 * @throws UserError if the chosen device cannot be used
 */
export async function printPlan(
  plan: readonly Planned[],
  flags: RunningFlags,
  nothing = 'There is nothing to paint.',
): Promise<void> {
  const [first, ...others] = await choosePlacements(flags, warn);
  const slots = 1 + others.length;
  const isAny = plan.some((planned) => 'size' in planned);
  const pace = isAny ? await evaluationTime(first) : 0;
  const estimated = plan.map((planned) =>
    'size' in planned ? { ...planned, ...estimate(planned.recipe, planned.size, first, pace) } : planned,
  );
  if (flags.json) {
    for (const planned of estimated) {
      const { recipe: _, ...row } = { recipe: undefined, ...planned };
      process.stdout.write(`${JSON.stringify(row)}\n`);
    }
    return;
  }
  const rows = estimated.map((planned) => {
    const name = basename(planned.source);
    if (!('size' in planned)) return [name, `not painted: ${shortReason(planned.source, planned.reason)}`];
    const { size, seconds, bytes, output } = planned;
    const time = `about ${duration(seconds)}`;
    return [name, `${size.width}×${size.height}`, time, gigabytes(bytes), shortPath(output)];
  });
  for (const line of aligned(rows)) say(line);
  const painted = estimated.filter((planned) => 'size' in planned);
  if (painted.length === 0) return say(plan.length === 0 ? nothing : 'Nothing would be painted.');
  const seconds = painted.reduce((sum, each) => sum + each.seconds, 0) / slots;
  const bytes = slots * Math.max(...painted.map((each) => each.bytes));
  const free = Math.min(flags.memory ?? Number.POSITIVE_INFINITY, freeMemory());
  const where = `${placementName(first)}${slots > 1 ? ` in ${slots} slots` : ''}`;
  const pictures = painted.length === 1 ? '1 picture' : `${painted.length} pictures`;
  say(`${pictures}, about ${duration(seconds)} on ${where}. Nothing was painted.`);
  say(
    `Memory: about ${gigabytes(bytes)} of ${gigabytes(free)}${bytes > free ? ': painted in tiles, which takes longer, or smaller' : ''}.`,
  );
}

/** Columns of the widths that they need. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const most = Math.max(0, ...rows.map((row) => row.length - 1));
  const widths = Array.from({ length: most }, (_, i) =>
    Math.max(...rows.map((row) => (i < row.length - 1 ? stringWidth(row[i]) : 0))),
  );
  return rows.map((row) =>
    row
      .map((cell, i) => (i < row.length - 1 ? cell + ' '.repeat(widths[i] - stringWidth(cell)) : cell))
      .join('  '),
  );
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toPrecision(2)} GB`;
