/** A job as stored in the job store: one photo with one recipe. */
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
  /** Hash of the settings of flags and sidecars; differs from settingsHash if the user chose others. */
  askedHash: string;
  status: Status;
  output: string | null;
  attempts: number;
  reason: string | null;
}

const moment = z.iso.datetime().nullable();

/** A command, or a move, that follows a painting or a failure. */
export const followUpSchema = z.strictObject({
  /** The command line, as its flag has it. */
  command: z.string().optional(),
  /** The folder that the photo moves to. */
  move: z.string().optional(),
  /** `unknown`: it was running when the program ended, so it may have run. */
  status: z.enum(['waiting', 'running', 'done', 'failed', 'unknown']),
  /** How often it was started. */
  attempts: z.number().int(),
  /** Why it failed, or is tried again. */
  reason: z.string().nullable(),
});

/** All details of a job, as `jobs --json` prints them. */
export const recordSchema = z.strictObject({
  id: z.number().int(),
  /** A failed job that is marked to be retried is `waiting`. */
  status: z.enum(statuses),
  source: z.string(),
  output: z.string().nullable(),
  reason: z.string().nullable(),
  /** How often painting was started. */
  attempts: z.number().int(),
  /** Painting time. */
  seconds: z.number().nullable(),
  queuedAt: z.iso.datetime(),
  startedAt: moment,
  finishedAt: moment,
  /** SHA-256 of the photo, and the hash of the recipe; empty if the photo could not be read. */
  sourceHash: z.string(),
  settingsHash: z.string(),
  losses: lossesSchema.nullable(),
  /** In order. */
  followUps: z.array(followUpSchema),
});

export type FollowUpRecord = z.infer<typeof followUpSchema>;
export type JobRecord = z.infer<typeof recordSchema>;

/** A job from before the job store was created, restored from the recipe in its painting. */
export interface PastJob extends Pick<Job, 'source' | 'sourceHash' | 'settingsHash'> {
  output: string;
  finishedAt: string;
  losses: z.infer<typeof lossesSchema>;
}

/** Path of a job's checkpoint, in the folder of the paintings. */
export function stateFile(
  folder: string,
  { source, sourceHash, settingsHash }: Pick<Job, 'source' | 'sourceHash' | 'settingsHash'>,
): string {
  const painting = createHash('sha256').update(`${source} ${sourceHash} ${settingsHash}`).digest('hex');
  return join(folder, `.stylize-tui-${painting.slice(0, 24)}.state`);
}
