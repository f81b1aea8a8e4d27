/**
 * What travels through a shared queue: settings, and files by the hashes of their content, never paths. Everything that
 * comes out of the queue is checked against these schemas, since anyone with its password can put anything in.
 */
import { createHash } from 'node:crypto';
import { basename, posix, win32 } from 'node:path';
import { z } from 'zod';
import type { QueuedJob } from '../queue/queue.js';
import { eventSchema } from '../render/events.js';
import { lossesSchema, weightsSchema } from '../settings/provenance.js';
import { type Recipe, recipeSchema } from '../settings/recipe.js';
import { mapPaths } from '../settings/settings.js';
import { printable } from '../util/format.js';

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A file's name without folders, for people to recognize it. */
const name = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => plainName(text) === text, 'expected a file name without folders and control characters');

/** Styles, masks and the like of one recipe. */
const maxFiles = 200;

/** A recipe in which each file is named by its hash. */
const portableRecipe = recipeSchema.pick({
  settings: true,
  layers: true,
  network: true,
  hash: true,
  asked: true,
});

export const jobSchema = z.strictObject({
  version: z.literal(1),
  /** The outbox that the painting is for. */
  owner: z.uuid(),
  id: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  photo: z.strictObject({ hash: sha256, name }),
  recipe: portableRecipe,
  /** Names of the recipe's files, by their hashes. */
  names: z
    .record(sha256, name)
    .refine((names) => Object.keys(names).length <= maxFiles, 'too many files')
    .refine(
      (names) => new Set(Object.values(names)).size === Object.keys(names).length,
      'a name is used twice',
    ),
});

/** What a worker reports as the outcome of a job. */
export const resultSchema = z.union([
  z.strictObject({
    /** Key of the painting in the store, and the hash of its bytes. */
    key: z.string().max(300),
    hash: sha256,
    extension: z.string().regex(/^\.[a-zA-Z]{3,4}$/),
    seconds: z.number().min(0),
    iterations: z.number().int().min(0),
    ended: z.enum(['iterations', 'until', 'accepted']),
    losses: lossesSchema,
    worker: z.string().max(100),
  }),
  z.strictObject({ skipped: z.string().max(2000) }),
]);

/** News of a worker: an event of its picture, or a preview. */
export const newsSchema = z.strictObject({
  /** The worker's name, and its slot. */
  worker: z.string().max(100),
  slot: z.number().int().min(1).max(1000),
  job: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  event: eventSchema.optional(),
  preview: z
    .strictObject({
      png: z.base64().max(64 * 1024),
      width: z.number().int().min(1).max(512),
      height: z.number().int().min(1).max(512),
    })
    .optional(),
});

const change = {
  weights: weightsSchema.optional(),
  iterations: z.number().int().min(1).max(100_000).optional(),
  again: z.literal(true).optional(),
};

/** A request to a worker, about a job that it is painting. */
export const requestSchema = z.strictObject({
  job: z.number().int(),
  /** Milliseconds since 1970 at which it was made. */
  time: z.number(),
  control: z.discriminatedUnion('type', [
    z.strictObject({ type: z.enum(['pause', 'resume', 'skip', 'accept', 'snapshot']) }),
    z.strictObject({ type: z.literal('change'), number: z.number().int().min(1).optional(), ...change }),
    /** Start again with another recipe. */
    z.strictObject({ type: z.literal('repaint'), data: jobSchema }),
  ]),
});

export type Request = z.infer<typeof requestSchema>;
export type JobData = z.infer<typeof jobSchema>;
export type Result = z.infer<typeof resultSchema>;
export type News = z.infer<typeof newsSchema>;

/**
 * The id of a job, from what is painted and for whom: adding it twice adds it once, on any machine.
 * @param source for a job of its own for this name of the photo
 */
export function idOf(owner: string, sourceHash: string, askedHash: string, source = ''): number {
  const hash = createHash('sha256')
    .update(JSON.stringify([owner, sourceHash, askedHash, source]))
    .digest('hex');
  // 52 bits, so that it is a safe integer.
  return Number.parseInt(hash.slice(0, 13), 16);
}

/** The job's name on the server, which does not allow numbers as such. */
export const keyOf = (id: number): string => `job-${id.toString(16).padStart(13, '0')}`;

type Packed = Pick<QueuedJob, 'id' | 'source' | 'sourceHash' | 'recipe'>;

export function pack(owner: string, { id, source, sourceHash, recipe }: Packed): JobData {
  const { settings, layers, files, network, hash, asked } = recipe;
  return {
    version: 1,
    owner,
    id,
    photo: { hash: sourceHash, name: plainName(source) },
    recipe: { settings: mapPaths(settings, (path) => hashIn(files, path)), layers, network, hash, asked },
    names: namesOf(files),
  };
}

function hashIn(files: Recipe['files'], path: string): string {
  const hash = files[path];
  // A path must not travel.
  if (!hash) throw new Error(`the recipe does not have the hash of ${path}`);
  return hash;
}

/** A name for each hash. Where two files have the same name, one gets a part of its hash before it. */
function namesOf(files: Recipe['files']): Record<string, string> {
  const names = new Map<string, string>();
  for (const [path, hash] of Object.entries(files)) {
    const name = plainName(path);
    const isTaken = [...names].some(([other, taken]) => taken === name && other !== hash);
    names.set(hash, isTaken ? `${hash.slice(0, 12)}-${name}` : name);
  }
  return Object.fromEntries(names);
}

/** The recipe, with names in place of paths; WorkerFiles replaces them by paths of this machine. */
export function unpack({ recipe, names }: JobData): Recipe {
  const nameOf = (hash: string) => names[hash] ?? hash;
  const files = Object.fromEntries(Object.entries(names).map(([hash, name]) => [name, hash]));
  return { ...recipe, settings: mapPaths(recipe.settings, nameOf), files };
}

/** A file name without folders and control characters, for display and for a file of this name. */
export function plainName(path: string): string {
  const last = posix.basename(win32.basename(basename(path)));
  const printed = printable(last).replace(/[/\\]/g, '').slice(-200);
  return /^\.*$/.test(printed) ? 'photo' : printed;
}
