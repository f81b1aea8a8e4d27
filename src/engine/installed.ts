/** Engines installed with `engine install`: their folders, and the stamp written once an installation is complete. */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../util/atomic-write.js';
import { folders } from '../util/folders.js';

export const installable = ['tensorflow', 'cuda'] as const;
export type Installable = (typeof installable)[number];

const stampSchema = z.object({
  /** Of the library that does the work. */
  version: z.string(),
  /** Whether it can use NVIDIA's cards. */
  gpu: z.boolean(),
  /** Folders with libraries that it loads by name. */
  libraries: z.array(z.string()),
});
export type Stamp = z.infer<typeof stampSchema>;

export const engineFolder = (engine: Installable) => join(folders.engines, engine);
const stampPath = (engine: Installable) => join(engineFolder(engine), 'engine.json');

/** Undefined where the engine is not installed, or only in part. */
export function readStamp(engine: Installable): Stamp | undefined {
  try {
    return stampSchema.parse(JSON.parse(readFileSync(stampPath(engine), 'utf8')));
  } catch {
    return undefined;
  }
}

export function writeStamp(engine: Installable, stamp: Stamp): Promise<void> {
  return writeWhole(stampPath(engine), Buffer.from(`${JSON.stringify(stamp, null, 2)}\n`), {
    overwrite: true,
  });
}

/** Removes an engine, complete or not; the stamp goes first, so that a partial removal is not used. */
export async function removeEngine(engine: Installable): Promise<void> {
  await rm(stampPath(engine), { force: true });
  await rm(engineFolder(engine), { recursive: true, force: true });
}
