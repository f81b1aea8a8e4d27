/** Jobs as text: a line for each that fits the terminal, or all there is to know about one. */
import { basename } from 'node:path';
import stringWidth from 'string-width';
import type { JobRecord } from '../queue/job.js';
import type { Look } from '../tui/look.js';
import { clip, duration, type Glyphs, pad, reasonBeside, short } from '../util/format.js';
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
      job.reason === null ? clip(basename(job.output ?? ''), room, glyphs) : cut(why(job), room, glyphs);
    return (start + end).trimEnd();
  });
}

/** All there is to know, a line each; paths are whole. */
export function jobDetails(job: JobRecord): string[] {
  const { id, status, source, output, reason, attempts, seconds, losses } = job;
  const rows = {
    job: id,
    status,
    photo: source,
    painting: output,
    reason,
    queued: localMinute(job.queuedAt),
    begun: job.startedAt && localMinute(job.startedAt),
    ended: job.finishedAt && localMinute(job.finishedAt),
    painted: seconds === null ? null : duration(seconds),
    tries: attempts,
    loss: losses && short(losses.total),
  };
  return Object.entries(rows)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name.padEnd(10)}${value}`);
}

const latest = ({ finishedAt, startedAt, queuedAt }: JobRecord) => finishedAt ?? startedAt ?? queuedAt;

/** The reason without the photo's name, which stands beside it. */
function why({ reason, source }: JobRecord): string {
  const name = `${basename(source)}: `;
  const rest = reasonBeside(source, reason!);
  return (rest.startsWith(name) ? rest.slice(name.length) : rest).replaceAll(/\s+/g, ' ');
}

/** What is too long loses its end. */
function cut(text: string, width: number, { ellipsis }: Glyphs): string {
  if (stringWidth(text) <= width) return text;
  const chars = [...text];
  while (stringWidth(chars.join('')) >= width) chars.pop();
  return `${chars.join('').trimEnd()}${ellipsis}`;
}
