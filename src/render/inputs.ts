/** Reads and resizes the pictures of a job. */

import { withBleed } from '../image/bleed.js';
import { type Bounds, decode } from '../image/decode.js';
import { hashOf, type PictureFile, readPictureFile } from '../image/file.js';
import { decodeMask } from '../image/mask.js';
import type { Picture, Size } from '../image/picture.js';
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
export const contentBounds = ({ size, width }: Settings): Bounds =>
  width === undefined ? { longest: size } : { width };

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
  const resized = await decode(photo, { width, height });
  const styles: Picture[] = [];
  const notes: string[] = [];
  for (const [i, file] of settings.styles.entries()) {
    const read = await readStyle(await unchanged(file, files), settings, i, resized);
    styles.push(read.style);
    notes.push(...read.notes);
  }
  const { bleed } = settings;
  const readMask = async (file: string) =>
    withBleed(await decodeMask(await unchanged(file, files), width, height), bleed);
  const masks = settings.masks && (await Promise.all(settings.masks.map(readMask)));
  const base =
    settings.initial === undefined
      ? resized
      : await decode(await unchanged(settings.initial, files), { width, height });
  const colored =
    settings.start === 'recolored' && settings.initial === undefined
      ? recolor(base, styles, normalizeBlend(settings.blend, styles.length))
      : base;
  const startImage = withBleed(colored, bleed);
  const initial = startPicture(startImage, settings, mean);
  const detail = noiseShare(settings) === 0 ? startImage : undefined;
  const { alpha, flaw } = resized;
  return { content: withBleed(resized, bleed), styles, masks, initial, detail, alpha, notes, flaw };
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
