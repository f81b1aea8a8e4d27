/** Results of trials on this machine, stored in the cache so that each is made once. */
import { readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, hostname } from 'node:os';
import { z } from 'zod';
import { writeWhole } from '../util/atomic-write.js';
import { folders } from '../util/folders.js';
import { program } from '../util/program.js';
import { engineNames, type Placement } from './placement.js';
import { distance, type TrialResult, tryPlacement } from './trial.js';

/** An engine on a device. */
export type Place = Omit<Placement, 'threads'>;

const trialSchema = z.object({
  engine: z.enum(engineNames),
  device: z.string(),
  /** Why it cannot be used. */
  reason: z.string().optional(),
  /** Seconds an evaluation at 256×256; the reference is not timed where nothing else works. */
  seconds: z.number().optional(),
  /** Whether it takes several steps at once: see `Placement`. */
  descends: z.boolean().optional(),
});
export type Trial = z.infer<typeof trialSchema>;

/** By machine, since a home folder may be shared between several. */
const memorySchema = z.record(z.string(), z.array(trialSchema));

/** Works everywhere; the gradients of all others are compared with its gradient. */
export const reference = { engine: 'onnx', device: 'cpu' } as const satisfies Place;

export const isSame = (a: Place, b: Place) => a.engine === b.engine && a.device === b.device;

/** Relative distance of a gradient from the reference's above which a device is rejected. */
const tolerance = 1e-2;

/** The trials of these places, from the cache if they were made before. */
export async function trialsOf(places: readonly Place[]): Promise<Trial[]> {
  const memory = await readMemory();
  let known = memory[machine] ?? [];
  const unknown = places.filter((place) => !known.some((trial) => isSame(trial, place)));
  if (unknown.length > 0) {
    const made = await makeTrials(unknown);
    known = [...known.filter((trial) => !made.some((newer) => isSame(newer, trial))), ...made];
    memory[machine] = known;
    await writeWhole(folders.trials, Buffer.from(`${JSON.stringify(memory, null, 2)}\n`), {
      overwrite: true,
    }).catch(() => {}); // without a cache it is found out again next time
  }
  return places.map((place) => known.find((trial) => isSame(trial, place))!);
}

/** To be called after an engine is installed or removed, and on the user's request. */
export const forgetTrials = () => rm(folders.trials, { force: true });

async function makeTrials(places: readonly Place[]): Promise<Trial[]> {
  const others: [Place, TrialResult][] = [];
  for (const place of places) if (!isSame(place, reference)) others.push([place, await tryPlacement(place)]);
  const base = others.some(([, result]) => 'gradient' in result) ? await tryPlacement(reference) : undefined;
  if (base && 'reason' in base) throw new Error(`${reference.engine} ${reference.device}: ${base.reason}`);
  const trials = others.map(([{ engine, device }, result]) => {
    if ('reason' in result) return { engine, device, reason: result.reason };
    const apart = distance(result.gradient, base!.gradient);
    if (apart <= tolerance) return { engine, device, seconds: result.seconds, descends: result.descends };
    return {
      engine,
      device,
      reason: `its gradient is ${apart.toPrecision(2)} times the processor's away from it`,
    };
  });
  return [{ ...reference, seconds: base?.seconds }, ...trials];
}

const machine = [hostname(), `${availableParallelism()} × ${cpus()[0]?.model.trim()}`, program.version].join(
  ', ',
);

async function readMemory(): Promise<z.infer<typeof memorySchema>> {
  try {
    return memorySchema.parse(JSON.parse(await readFile(folders.trials, 'utf8')));
  } catch {
    return {};
  }
}
