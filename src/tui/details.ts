/** Everything known about a job, as names and values. */
import type { JobRecord } from '../queue/job.js';
import { duration, shortNumber } from '../util/format.js';
import { localMinute } from '../util/time.js';
import { lossRows } from './terms.js';

/** Empty values are left out. */
export function detailsOf(record: JobRecord): [name: string, value: string][] {
  const { status, source, output, reason, attempts, seconds, losses } = record;
  const { queuedAt, startedAt, finishedAt } = record;
  const lines: [string, string | null][] = [
    ['status', status],
    ['photo', source],
    ['painting', output],
    ['reason', reason],
    ['came', localMinute(queuedAt)],
    ['begun', startedAt && localMinute(startedAt)],
    ['ended', finishedAt && localMinute(finishedAt)],
    ['painted for', seconds === null ? null : duration(seconds)],
    ['tries', attempts > 1 ? String(attempts) : null],
    ...(losses ? lossRows(losses) : []).map(({ key, value }): [string, string] => [key, shortNumber(value)]),
  ];
  return lines.filter((line): line is [string, string] => line[1] !== null);
}
