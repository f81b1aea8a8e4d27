/** Reads and resizes the pictures of a job. */

import { withBleed } from '../image/bleed.js';
import { type Bounds, type Crop, cropWithin, decode, sizeWithin } from '../image/decode.js';
import { hashOf, type PictureFile, readPictureFile } from '../image/file.js';
import { decodeMask } from '../image/mask.js';
import type { Box, Picture, Size } from '../image/picture.js';
import { printPixels } from '../settings/print-size.js';
import type { Recipe } from '../settings/recipe.js';
import type { Settings } from '../settings/settings.js';
import { normalizeBlend } from '../transfer/blend.js';
import { noiseShare, recolor, startPicture } from '../transfer/start.js';
import type { Transfer } from '../transfer/stylize.js';
import { UserError } from '../util/errors.js';
import { isReadTrouble } from '../util/transient.js';
import { readStyle } from './style.js';

export interface Inputs
  extends Pick<Transfer, 'content' | 'styles' | 'masks' | 'initial' | 'detail' | 'targets'> {
  /** The photo's, without bleed. */
  alpha: Picture['alpha'];
  /** Notes for the user about the styles. */
  notes: readonly string[];
  /** What is amiss with the photo. */
  flaw: Picture['flaw'];
}

/** A file that was readable when the photo was queued no longer is; its disk may be unmounted. */
export class InputUnavailable extends UserError {
  constructor(
    message: string,
    readonly path: string,
  ) {
    super(message);
  }
}

/** The size that a photo is resized to. */
export function contentBounds({ size, width, printSize }: Settings): Bounds {
  if (printSize !== undefined) return { print: printPixels(printSize) };
  return width === undefined ? { longest: size } : { width };
}

/** Decodes a photo at its painted size, cropped if the settings say so. */
export async function readContent(
  photo: PictureFile,
  settings: Settings,
  size: Size,
): Promise<{ content: Picture; crop?: Crop }> {
  const crop = await cropWithin(photo, contentBounds(settings));
  return { content: await decode(photo, { ...size, part: crop?.part }), crop };
}

/**
 * Decodes the content at this size, and reads styles, masks and the start picture. The bleed is added to all but the styles.
 * @throws UserError for a file that cannot be used
 */
export async function readInputs(
  photo: PictureFile,
  { settings, files }: Pick<Recipe, 'settings' | 'files'>,
  { width, height }: Size,
  mean: readonly number[],
): Promise<Inputs> {
  const { content: resized, crop } = await readContent(photo, settings, { width, height });
  const styles: Picture[] = [];
  const notes: string[] = [];
  for (const [i, file] of settings.styles.entries()) {
    const read = await readStyle(await unchanged(file, files), settings, i, resized);
    styles.push(read.style);
    notes.push(...read.notes);
  }
  const { bleed } = settings;
  const readMask = async (file: string) =>
    withBleed(await decodeMask(await unchanged(file, files), width, height, crop), bleed);
  const masks = settings.masks && (await Promise.all(settings.masks.map(readMask)));
  const isEnlarged = settings.start === 'enlarged' && settings.initial !== undefined;
  const base =
    settings.initial === undefined || isEnlarged
      ? resized
      : await readInitial(await unchanged(settings.initial, files), { width, height }, crop);
  const colored =
    isEnlarged || (settings.start === 'recolored' && settings.initial === undefined)
      ? recolor(base, styles, normalizeBlend(settings.blend, styles.length))
      : base;
  const startImage = withBleed(colored, bleed);
  const initial = isEnlarged
    ? await readPainting(await unchanged(settings.initial!, files), { width, height }, bleed, crop)
    : startPicture(startImage, settings, mean);
  const detail = noiseShare(settings) === 0 ? startImage : undefined;
  const { alpha, flaw } = resized;
  return { content: withBleed(resized, bleed), styles, masks, initial, detail, alpha, notes, flaw };
}

/** Stretches a start picture to the photo, and cuts out the same part. */
async function readInitial(file: PictureFile, size: Size, crop: Crop | undefined): Promise<Picture> {
  if (!crop) return decode(file, size);
  return decode(file, { ...size, part: scaledPart(crop, await sizeWithin(file, {})) });
}

/** The part that is cut out of the photo, in a picture of another size that shows all of it. */
function scaledPart({ whole, part }: Crop, full: Size): Box {
  const [x, y] = [full.width / whole.width, full.height / whole.height];
  const side = (length: number, most: number) => Math.max(1, Math.min(most, Math.round(length)));
  const [width, height] = [side(part.width * x, full.width), side(part.height * y, full.height)];
  const left = Math.min(full.width - width, Math.round(part.left * x));
  const top = Math.min(full.height - height, Math.round(part.top * y));
  return { left, top, width, height };
}

/** How much the shapes of a painting and of its enlargement may differ by rounding. */
const sameShape = 0.02;

/**
 * Reads a painting to enlarge at its own size, with the bleed that belongs to that. Unless it has the shape of the print, it
 * shows the whole photo, and the same part is cut out.
 * @param size of the enlarged painting
 */
async function readPainting(
  file: PictureFile,
  size: Size,
  bleed: number,
  crop: Crop | undefined,
): Promise<Picture> {
  const own = await sizeWithin(file, {});
  const isOfShape = Math.abs((own.width * size.height) / (own.height * size.width) - 1) < sameShape;
  const shown = crop && !isOfShape ? scaledPart(crop, own) : { left: 0, top: 0, ...own };
  const painting = await decode(file, { width: shown.width, height: shown.height, part: shown });
  return withBleed(painting, Math.round((bleed * shown.width) / size.width));
}

/**
 * Reads a file and checks that it is the one of the recipe. Otherwise the painting would not match its recipe, and a sidecar
 * could read files outside its folder by replacing one with a link.
 */
async function unchanged(path: string, files: Recipe['files']): Promise<PictureFile> {
  const file = await readPictureFile(path).catch((error: unknown) => {
    throw error instanceof UserError && !isReadTrouble(error)
      ? new InputUnavailable(error.message, path)
      : error;
  });
  if (hashOf(file) === files[path]) return file;
  throw new UserError(
    `${path}: has changed since the photo was queued. Try again to paint with the new file.`,
  );
}
