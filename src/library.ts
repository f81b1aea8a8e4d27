/**
 * The library: what the command line is made of. `paint` paints a file into a file; recipeFor(), openEngine(), readTransfer()
 * and stylize() are its parts, for programs that want every iterate. Nothing is started or loaded before it is called.
 * docs/library.md has examples.
 */
import { resolve } from 'node:path';
import { FileHashCache } from './app/file-hash-cache.js';
import { type Examine, makeRecipe } from './app/recipe.js';
import { completed } from './app/recipes.js';
import type { EngineName } from './engine/placement.js';
import { examinations } from './examine/examinations.js';
import { sizeWithin } from './image/decode.js';
import { hashOf, readPictureFile } from './image/file.js';
import { Controls } from './render/controls.js';
import { contentBounds, readInputs } from './render/inputs.js';
import type { Outcome, Progress, RenderJob } from './render/messages.js';
import { transferOf } from './render/paint.js';
import { type OpenEngine, Painter } from './render/painter.js';
import { Renderer } from './render/renderer.js';
import { layered, loadPreset, namedStyles, presetFiles, usualPreset } from './settings/presets.js';
import type { Recipe } from './settings/recipe.js';
import { mapPaths, parseSettings, type Settings } from './settings/settings.js';
import type { Transfer } from './transfer/stylize.js';
import { UserError } from './util/errors.js';
import { freeMemory } from './util/memory-budget.js';

export type { Engine, Image } from './engine/engine.js';
export { trimmed } from './image/bleed.js';
export { encode } from './image/encode.js';
export type { Picture } from './image/picture.js';
export { type OpenEngine, openEngine } from './render/painter.js';
export type { Recipe } from './settings/recipe.js';
export { type Settings, settingsSchema } from './settings/settings.js';
export type { Losses, Weights } from './transfer/losses.js';
export { type Iterate, stylize, type Transfer, type TransferChange } from './transfer/stylize.js';
export { UserError } from './util/errors.js';

// ONNX Runtime comes with telemetry; it reads this when it is loaded.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

/** Settings as in a preset, and the presets that they override; `good` is below them all. Paths are relative to the working directory. */
export interface Look extends Partial<Settings> {
  preset?: string | readonly string[];
}

export interface PaintOptions extends Look {
  /** Path of the painting: .jpg, .png, .webp, .tif or .avif. */
  output: string;
  /** Replace an existing file; without it, the next free name is used. */
  overwrite?: boolean;
  /** `onnx` when left out. */
  engine?: EngineName;
  /** `cpu` when left out; others as in `stylize-tui engine list`. Those of cards need `childProcess`. */
  device?: string;
  /** Threads on the processor; all cores when left out. */
  threads?: number;
  /** Bytes that painting may use; what is free when left out. A larger picture is painted in tiles, or smaller. */
  memory?: number;
  /** Omit the photo's location from the painting's metadata. */
  stripLocation?: boolean;
  /** Also yield previews: PNG files, at most 480 pixels on their longer side. */
  previews?: boolean;
  /** Paint in a child process, so that a crash of a native library is an error, and this process stays responsive. */
  childProcess?: boolean;
  /** Abandons the painting; nothing is written. */
  signal?: AbortSignal;
}

/**
 * What happens while painting: the events of docs/events.md without `time`, `job` and `source`, warnings, notes and previews;
 * last `done`, with the path of the painting.
 */
export type PaintProgress = Progress | ({ event: 'done' } & Omit<Extract<Outcome, { type: 'done' }>, 'type'>);

/**
 * Paints a photo into a file, with its recipe and the photo's metadata. The file appears whole or not at all. Leaving the loop
 * abandons the painting. Evaluations take most of a core or all of them, in native threads.
 * @throws UserError for a photo, style or setting that cannot be used, or an output that cannot be written; the signal's
 * reason if it was aborted
 */
export async function* paint(photo: string, options: PaintOptions): AsyncGenerator<PaintProgress, void> {
  const { output, overwrite = false, engine = 'onnx', device = 'cpu', threads, memory, signal } = options;
  const { stripLocation, previews = false, childProcess = false, ...look } = options;
  signal?.throwIfAborted();
  const recipe = await recipeFor(onlySettings(look));
  const source = resolve(photo);
  const job: RenderJob = {
    ...recipe,
    source,
    sourceHash: hashOf(await readPictureFile(source)),
    output: resolve(output),
    overwrite,
    stripLocation,
    previews,
    memory: { limit: memory ?? freeMemory(), strict: false },
  };
  const controls = new Controls();
  const placement = { engine, device, threads };
  const renderer = childProcess ? new Renderer(placement) : undefined;
  const abandon = () => {
    controls.apply({ type: 'skip' });
    renderer?.control({ type: 'skip' });
  };
  signal?.addEventListener('abort', abandon);
  const { readable, writable } = new TransformStream<Progress>(undefined, { highWaterMark: 1000 });
  const writer = writable.getWriter();
  // Nobody reads any more once the loop is left.
  const send = (message: Progress) => void writer.write(message).catch(() => {});
  const painter = new Painter(send);
  const painting = (renderer ? renderer.render(job, send) : painter.paint(job, placement, controls)).finally(
    () => writer.close().catch(() => {}),
  );
  try {
    yield* readable;
    const outcome = await painting;
    signal?.throwIfAborted();
    if (outcome.type === 'failed')
      throw outcome.retryable ? new Error(outcome.reason) : new UserError(outcome.reason);
    if (outcome.type !== 'done') throw new Error(`${source}: the painting ended as ${outcome.type}`);
    const { type, ...rest } = outcome;
    yield { event: type, ...rest };
  } finally {
    signal?.removeEventListener('abort', abandon);
    abandon();
    await painting.catch(() => {});
    await renderer?.close();
    await painter.dispose();
  }
}

/** Settings of the presets and the look, with defaults for the rest, and the hashes of their files. @throws UserError */
export async function recipeFor({ preset = [], ...settings }: Look): Promise<Recipe> {
  const named = await namedStyles(settings, '.');
  const names = [usualPreset, ...[preset].flat()];
  const below = await Promise.all(names.map(async (name) => (await loadPreset(name)).settings));
  const explicit = layered(
    ...below,
    mapPaths(settings, (path) => named.get(path) ?? path),
  );
  parseSettings(explicit, 'Wrong settings');
  return makeRecipe(completed(explicit), new FileHashCache(), new Map(), inThisProcess);
}

/** The settings of every preset by name, as in its file. @throws UserError if one of the user's own is broken */
export async function presets(): Promise<Record<string, Partial<Settings>>> {
  const all = await presetFiles();
  const entries = all.map(async ({ name }) => [name, (await loadPreset(name)).settings] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Reads a photo and the pictures of a recipe, for stylize(). The pictures, [3, H, W] in 0..255, have the recipe's bleed on each
 * side, which trimmed() takes off.
 * @throws UserError for a picture that cannot be used
 */
export async function readTransfer(photo: string, recipe: Recipe, { mean }: OpenEngine): Promise<Transfer> {
  const file = await readPictureFile(resolve(photo));
  const size = await sizeWithin(file, contentBounds(recipe.settings));
  return transferOf(recipe, await readInputs(file, recipe, size, mean), mean, undefined);
}

const inThisProcess: Examine = (kind, request) => examinations[kind](request, () => {});

/** Without what paint() takes besides. */
function onlySettings(options: Omit<PaintOptions, 'stripLocation' | 'previews' | 'childProcess'>): Look {
  const { output, overwrite, engine, device, threads, memory, signal, ...look } = options;
  return look;
}
