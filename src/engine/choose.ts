/** Chooses where to paint: what the user asked for, or the fastest device available. */
import { availableParallelism } from 'node:os';
import { UserError } from '../util/errors.js';
import { type Candidate, candidates, problemText } from './candidates.js';
import { type EngineName, type Placement, parseDevice, placementName } from './placement.js';
import { tryPlacement } from './trial.js';
import { isSame, type Place, reference, type Trial, trialsOf } from './trials.js';

export interface Wanted {
  engine: EngineName | 'auto';
  /** One or several, or `auto` alone. */
  device: readonly string[];
  /** How many pictures at the same time; one on each device when left out. */
  slots?: number;
  /** Threads of each slot; the slots share the processor's cores when left out. */
  threads?: number;
}

/**
 * A placement for each slot.
 * @param tell told in a line why something that might be faster is not used
 * @throws UserError if what was asked for is not there, with what is missing
 */
export async function choosePlacements(wanted: Wanted, tell: (line: string) => void): Promise<Placement[]> {
  const places = await placesFor(wanted, tell);
  const count = wanted.slots ?? places.length;
  const share = count > 1 ? Math.max(1, Math.floor(availableParallelism() / count)) : undefined;
  const threads = wanted.threads ?? share;
  return Array.from({ length: count }, (_, i) => ({ ...places[i % places.length], threads }));
}

async function placesFor({ engine, device }: Wanted, tell: (line: string) => void): Promise<Place[]> {
  const all = (await candidates()).filter((place) => engine === 'auto' || place.engine === engine);
  if (device.includes('auto')) {
    const there = all.filter(isWorthTrying);
    if (there.length > 0) return withItsKind(await fastest(there, tell), there);
    throw new UserError(`--engine ${engine}: ${problemText(all[0].missing!)}.`);
  }
  const places: Place[] = [];
  for (const name of device) places.push(await namedPlace(name, all));
  return places;
}

/** TensorRT takes minutes to compile for each size, so it is used only on request. */
const isWorthTrying = ({ device, missing }: Candidate) =>
  missing === undefined && parseDevice(device).kind !== 'tensorrt';

/** The device of that name, with the faster engine if several support it. */
async function namedPlace(name: string, all: readonly Candidate[]): Promise<Place> {
  const { kind, index } = parseDevice(name);
  const having = all.filter(({ device }) => device === name || device === `${kind}:${index}`);
  if (having.length === 0) {
    const names = [...new Set(all.map(({ device }) => device))].join(', ');
    throw new UserError(`--device ${name}: there is no such device for this engine. There are ${names}.`);
  }
  const there = having.filter(({ missing }) => missing === undefined);
  if (there.length === 0) throw new UserError(`--device ${name}: ${problemText(having[0].missing!)}.`);
  if (there.length === 1 && isSame(there[0], reference)) return reference;
  const trials = await trialsOf(there);
  const [best] = ranked(trials);
  if (best) return best;
  throw new UserError(
    `--device ${name}: cannot be used here: ${trials[0].reason}. stylize-tui engine try tries it again.`,
  );
}

/** The fastest that still works: one that worked in its trial may be gone. */
async function fastest(places: readonly Candidate[], tell: (line: string) => void): Promise<Place> {
  if (places.length === 1 && isSame(places[0], reference)) return reference;
  const trials = await trialsOf(places);
  const order = ranked(trials);
  for (const [i, place] of order.entries()) {
    if (isSame(place, reference)) return reference;
    const result = await tryPlacement(place, { timed: false });
    if (!('reason' in result)) return place;
    const next = order[i + 1];
    tell(
      `${placementName(place)} cannot be used now: ${result.reason}. ${next ? `Painting with ${placementName(next)}.` : ''}`.trim(),
    );
  }
  const reasons = trials.map((trial) => `${placementName(trial)}: ${trial.reason}`).join('; ');
  throw new UserError(`Nothing here can paint. ${reasons}. stylize-tui doctor tells more.`);
}

/** Those that work, fastest first. */
function ranked(trials: readonly Trial[]): Place[] {
  return trials
    .filter(({ reason }) => reason === undefined)
    .sort((a, b) => (a.seconds ?? 0) - (b.seconds ?? 0))
    .map(({ engine, device, descends }) => ({ engine, device, descends }));
}

/** All devices of the same kind with the same engine, such as several cards. */
function withItsKind(place: Place, all: readonly Candidate[]): Place[] {
  const { kind } = parseDevice(place.device);
  return all
    .filter(({ engine, device }) => engine === place.engine && parseDevice(device).kind === kind)
    .map(({ engine, device }) => ({ ...place, engine, device }));
}
