/** Jobs as text: one line each, or all details of one. */
import { basename } from 'node:path';
import stringWidth from 'string-width';
import type { JobRecord } from '../queue/job.js';
import { detailsOf } from '../tui/details.js';
import type { Look } from '../tui/look.js';
import { clip, clipEnd, duration, followUpsNote, pad, shortReason } from '../util/format.js';
import { localMinute } from '../util/time.js';

/** Maximum columns of a photo's name, to leave some for the painting or the reason. */
const maxNameWidth = 24;

/**
 * A heading, then one line each, at most `width` columns: number, status, time, duration, photo, painting or reason.
 * @param jobs called twice: for the widths of the columns, and for the lines
 */
export function* jobLines(
  jobs: () => Iterable<JobRecord>,
  width: number,
  { glyphs }: Pick<Look, 'glyphs'>,
): Generator<string, void> {
  let nameWidth = 'photo'.length;
  let idWidth = 'job'.length;
  let isAny = false;
  for (const { id, source } of jobs()) {
    isAny = true;
    const longest = Math.min(maxNameWidth, Math.floor(width / 5));
    nameWidth = Math.max(nameWidth, Math.min(longest, stringWidth(basename(source))));
    idWidth = Math.max(idWidth, String(id).length);
  }
  const columns = (id: string, status: string, time: string, took: string, photo: string) =>
    [
      id.padStart(idWidth),
      status.padEnd(7),
      time.padEnd(16),
      took.padStart(5),
      pad(photo, nameWidth, glyphs),
      '',
    ].join('  ');
  const heading = columns('job', 'status', 'when', 'took', 'photo');
  if (isAny) yield clipEnd(`${heading}painting, or why there is none`, width, glyphs);
  for (const job of jobs()) {
    const took = job.seconds === null ? '' : duration(job.seconds);
    const start = columns(String(job.id), job.status, localMinute(latest(job)), took, basename(job.source));
    const rest = width - stringWidth(start);
    const note = followUpsNote(job.followUps);
    const text = job.reason === null ? basename(job.output ?? '') : why(job);
    const end =
      note || job.reason !== null
        ? clipEnd([text, note].filter(Boolean).join(', '), rest, glyphs)
        : clip(text, rest, glyphs);
    yield (start + end).trimEnd();
  }
}

/** All details, one line each, with full paths. */
export function jobDetails(job: JobRecord): string[] {
  const rows = [['job', String(job.id)], ...detailsOf(job)];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

const latest = ({ finishedAt, startedAt, queuedAt }: JobRecord) => finishedAt ?? startedAt ?? queuedAt;

/** The reason without the photo's name, which is in the same line. */
function why({ reason, source }: JobRecord): string {
  const name = `${basename(source)}: `;
  const rest = shortReason(source, reason!);
  return (rest.startsWith(name) ? rest.slice(name.length) : rest).replaceAll(/\s+/g, ' ');
}
