/** run --enlarge: the settings that enlarge a finished painting. */
import { basename, extname, resolve } from 'node:path';
import { settingsLike } from '../app/recipe.js';
import { examine } from '../examine/examiner.js';
import { turnedLike } from '../image/crop.js';
import type { Size } from '../image/picture.js';
import { layered } from '../settings/presets.js';
import {
  normalPrintSize,
  printDensity,
  printDensityOf,
  printPixels,
  withDensity,
} from '../settings/print-size.js';
import type { Provenance } from '../settings/provenance.js';
import { largestSide, type Settings } from '../settings/settings.js';
import { UserError } from '../util/errors.js';
import { toNumber } from './flags/values.js';

/** Evaluations at each size on the way. The strokes are there already, so few are needed: docs/prints.md. */
const evaluationsEach = 6;

/** Sizes that are larger by less than this factor are not worth painting. */
const leastGrowth = 1.05;

/** How much the shapes of two pictures may differ: by the rounding of their sides. */
const sameShape = 0.02;

export interface Enlargement {
  /** Those of the painting, as it was in the end, with the new size and start. */
  settings: Partial<Settings>;
  /** Name of the new painting if the user gives none. */
  output: string;
}

/**
 * @param from path of the painting
 * @param repeated its recipe
 * @param enlarge 4x, a longest side in pixels, or a print size
 * @throws UserError for anything else, and for a size that is not larger or too large
 */
export async function enlargementOf(
  from: string,
  repeated: Provenance,
  enlarge: string,
): Promise<Enlargement> {
  const { size } = await examine('picture', { path: resolve(from), bounds: {} });
  const { initialNoiseblend: _, ...painted } = repeated.settings;
  const wanted = wantedSize(enlarge, size, painted, from);
  const growth = wanted.pixels.width / size.width;
  const shown = `${wanted.pixels.width}×${wanted.pixels.height}`;
  if (Math.max(wanted.pixels.width, wanted.pixels.height) > largestSide)
    throw new UserError(`--enlarge ${enlarge}: that is ${shown} pixels, at most ${largestSide} a side.`);
  if (growth < leastGrowth)
    throw new UserError(
      `--enlarge ${enlarge}: that is ${shown} pixels, and ${from} has ${size.width}×${size.height}. Choose a larger size.`,
    );
  const scales = Math.max(1, Math.ceil(Math.log2(growth / leastGrowth)));
  // What counted at the end, if it was changed by hand.
  const weights = repeated.history.flatMap((change) => change.weights ?? []).at(-1);
  const iterations = evaluationsEach * scales;
  return {
    settings: layered(painted, weights ? settingsLike({ settings: painted }, weights, iterations) : {}, {
      ...wanted.setting,
      ...{ initial: resolve(from), start: 'enlarged', scales, iterations },
    }),
    output: `${basename(from, extname(from))}-${enlarge.replaceAll(/[^\w.@]+/g, '')}${extname(from)}`,
  };
}

/** As a setting, and in pixels. */
function wantedSize(
  enlarge: string,
  size: Size,
  { printSize }: Pick<Settings, 'printSize'>,
  from: string,
): { setting: Partial<Settings>; pixels: Size } {
  const print = printPixels(enlarge);
  if (print) {
    const pixels = turnedLike(print, size);
    const isOfShape = Math.abs((pixels.width * size.height) / (pixels.height * size.width) - 1) < sameShape;
    if (printSize !== undefined && !isOfShape)
      throw new UserError(
        `--enlarge ${enlarge}: ${from} was cropped for ${printSize}. Choose paper of the same shape, or a factor such as 2x.`,
      );
    return { setting: { printSize: normalPrintSize(enlarge) }, pixels };
  }
  const [, times] = /^([\d.]+)[x×]$/i.exec(enlarge) ?? [];
  const factor = Number(times ?? Number(toNumber(enlarge)) / Math.max(size.width, size.height));
  if (!(factor > 0))
    throw new UserError(
      `--enlarge ${enlarge}: expected how many times (4x), a longest side in pixels (3000), or a print size (30x40cm@150).`,
    );
  const pixels = { width: Math.round(size.width * factor), height: Math.round(size.height * factor) };
  if (printSize === undefined) return { setting: { width: pixels.width }, pixels };
  // The same paper with more pixels.
  const share = Math.max(size.width, size.height) / printPixels(printSize)!.height;
  const density =
    times === undefined ? printDensity(printSize, pixels) : printDensityOf(printSize) * share * factor;
  return { setting: { printSize: withDensity(printSize, density) }, pixels };
}
