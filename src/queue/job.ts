/** A job as the job store keeps it: one photo, to be painted in one way. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { lossesSchema } from '../settings/provenance.js';

export const statuses = ['waiting', 'running', 'done', 'failed', 'skipped'] as const;
export type Status = (typeof statuses)[number];

/** One row. */
export interface Job {
  id: number;
  source: string;
  sourceHash: string;
  settingsHash: string;
  /** Of the settings that flags and sidecars say: another one where a person had it painted otherwise. */
  askedHash: string;
  status: Status;
  output: string | null;
  attempts: number;
  reason: string | null;
}

const moment = z.iso.datetime().nullable();

/** Everything there is to know; `jobs --json` prints one a line. */
export const recordSchema = z.strictObject({
  id: z.number().int(),
  /** A failed job that a person wants tried again is waiting. */
  status: z.enum(statuses),
  source: z.string(),
  output: z.string().nullable(),
  reason: z.string().nullable(),
  /** How often painting was begun. */
  attempts: z.number().int(),
  /** Time painted. */
  seconds: z.number().nullable(),
  queuedAt: z.iso.datetime(),
  startedAt: moment,
  finishedAt: moment,
  /** SHA-256 of the photo, and the recipe's; empty where the photo could not be read. */
  sourceHash: z.string(),
  settingsHash: z.string(),
  losses: lossesSchema.nullable(),
});

export type JobRecord = z.infer<typeof recordSchema>;

/** A job that was done before the job store was made, as its picture tells it. */
export interface PastJob extends Pick<Job, 'source' | 'sourceHash' | 'settingsHash'> {
  output: string;
  finishedAt: string;
  losses: z.infer<typeof lossesSchema>;
}

/** Where a job's painting is kept while it is not done, in the folder of the paintings. */
export function stateFile(
  folder: string,
  { source, sourceHash, settingsHash }: Pick<Job, 'source' | 'sourceHash' | 'settingsHash'>,
): string {
  const painting = createHash('sha256').update(`${source} ${sourceHash} ${settingsHash}`).digest('hex');
  return join(folder, `.stylize-tui-${painting.slice(0, 24)}.state`);
}
