/**
 * The checkpoint file, from which a painting is resumed after a crash or a stop: a safetensors file with the images and the
 * optimizer's arrays, and everything else in its header.
 */
import { open, rm } from 'node:fs/promises';
import { z } from 'zod';
import {
  readHeader,
  readTensor,
  type TensorToWrite,
  toFloats,
  writeSafetensors,
} from '../network/files/safetensors.js';
import { changeSchema, lossesSchema, type RecordedChange, weightsSchema } from '../settings/provenance.js';
import type { State } from '../transfer/stylize.js';
import { writeWhole } from '../util/atomic-write.js';
import { program } from '../util/program.js';

/** The contents of a checkpoint. */
export interface Saved {
  state: State;
  history: RecordedChange[];
  /** Painting time so far. */
  seconds: number;
}

const headerSchema = z.object({
  program: z.literal(`${program.name} ${program.version}`),
  /** Hash of photo and settings, to reject the checkpoint of another painting. */
  painting: z.string(),
  iteration: z.number().int().min(0),
  plan: z.object({
    begun: z.number().int().min(0),
    scales: z.array(
      z.object({ width: z.number().int(), height: z.number().int(), iterations: z.number().int().min(1) }),
    ),
  }),
  scale: z.number().int().min(0),
  trail: z.array(z.number()),
  width: z.number().int(),
  height: z.number().int(),
  weights: weightsSchema,
  bestLosses: lossesSchema,
  optimizer: z.record(z.string(), z.number()),
  history: z.array(changeSchema),
  seconds: z.number(),
});

const ofOptimizer = 'optimizer/';

/**
 * @param painting hash of photo and settings
 * @param within see writeWhole()
 */
export function writeState(
  path: string,
  painting: string,
  { state, history, seconds }: Saved,
  within?: string,
): Promise<void> {
  const { iteration, plan, scale, trail, weights, image, best, optimizer } = state;
  const { width, height } = image;
  const header: z.infer<typeof headerSchema> = {
    program: `${program.name} ${program.version}`,
    painting,
    iteration,
    plan: { ...plan, scales: [...plan.scales] },
    scale,
    trail: [...trail],
    width,
    height,
    weights,
    bestLosses: best.losses,
    optimizer: optimizer.numbers,
    history,
    seconds,
  };
  const arrays: [string, Float32Array][] = [
    ['image', image.data],
    ['best', best.image.data],
    ['best-gradient', best.gradient],
    ...Object.entries(optimizer.arrays).map(([name, data]): [string, Float32Array] => [
      ofOptimizer + name,
      data,
    ]),
  ];
  const tensors = arrays.map(([name, data]): [string, TensorToWrite] => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return [name, { dtype: 'F32', shape: [3, height, width], bytes }];
  });
  const file = writeSafetensors({ state: JSON.stringify(header) }, new Map(tensors));
  return writeWhole(path, file, { overwrite: true, within });
}

/** Undefined if there is no checkpoint that this painting can be resumed from. */
export async function readState(path: string, painting: string): Promise<Saved | undefined> {
  const file = await open(path).catch(() => undefined);
  if (!file) return undefined;
  try {
    const contents = await readHeader(file, path);
    const header = headerSchema.parse(JSON.parse(contents.metadata.state ?? ''));
    if (header.painting !== painting) return undefined;
    const { iteration, plan, scale, trail, weights, bestLosses, history, seconds } = header;
    const { width, height } = header;
    const read = async (name: string) =>
      toFloats(await readTensor(file, path, contents, name, [3, height, width], ['F32']));
    const toImage = async (name: string) => ({ data: await read(name), width, height });
    const arrays: Record<string, Float32Array> = {};
    for (const name of contents.tensors.keys())
      if (name.startsWith(ofOptimizer)) arrays[name.slice(ofOptimizer.length)] = await read(name);
    const best = { image: await toImage('best'), gradient: await read('best-gradient'), losses: bestLosses };
    const optimizer = { numbers: header.optimizer, arrays };
    const image = await toImage('image');
    const state = { iteration, plan, scale, trail, weights, image, best, optimizer };
    return { state, history, seconds };
  } catch {
    // Of another version, or damaged: the painting starts from the beginning.
    return undefined;
  } finally {
    await file.close();
  }
}

/** Ignores errors, since a leftover checkpoint does no harm. */
export const removeState = (path: string) => rm(path, { force: true }).catch(() => {});
