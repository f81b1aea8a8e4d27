/** Jobs as text: a line for each that fits the terminal, or all there is to know about one. */
import { basename } from 'node:path';
import stringWidth from 'string-width';
import type { JobRecord } from '../queue/job.js';
import { detailsOf } from '../tui/details.js';
import type { Look } from '../tui/look.js';
import { clip, clipEnd, duration, pad, shortReason } from '../util/format.js';
import { localMinute } from '../util/time.js';

/** A photo's name gets no more columns than this, so that some are left for what became of it. */
const longestName = 24;

/** One line each, at most `width` columns: number, status, when, how long, photo, painting or reason. */
export function jobLines(
  jobs: readonly JobRecord[],
  width: number,
  { glyphs }: Pick<Look, 'glyphs'>,
): string[] {
  const names = jobs.map(({ source }) => basename(source));
  const longest = Math.max(0, ...names.map((name) => stringWidth(name)));
  const nameWidth = Math.min(longest, longestName, Math.floor(width / 5));
  const idWidth = String(Math.max(0, ...jobs.map(({ id }) => id))).length;
  return jobs.map((job, i) => {
    const start = [
      String(job.id).padStart(idWidth),
      job.status.padEnd(7),
      localMinute(latest(job)),
      (job.seconds === null ? '' : duration(job.seconds)).padStart(5),
      pad(names[i], nameWidth, glyphs),
      '',
    ].join('  ');
    const room = width - stringWidth(start);
    const end =
      job.reason === null ? clip(basename(job.output ?? ''), room, glyphs) : clipEnd(why(job), room, glyphs);
    return (start + end).trimEnd();
  });
}

/** All there is to know, a line each; paths are whole. */
export function jobDetails(job: JobRecord): string[] {
  const rows = [['job', String(job.id)], ...detailsOf(job)];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

const latest = ({ finishedAt, startedAt, queuedAt }: JobRecord) => finishedAt ?? startedAt ?? queuedAt;

/** The reason without the photo's name, which stands beside it. */
function why({ reason, source }: JobRecord): string {
  const name = `${basename(source)}: `;
  const rest = shortReason(source, reason!);
  return (rest.startsWith(name) ? rest.slice(name.length) : rest).replaceAll(/\s+/g, ' ');
}
