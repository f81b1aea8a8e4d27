/** The pictures that a job needs, read and brought to size. */
import { matchColours } from '../image/colour.js';
import { type Bounds, decode } from '../image/decode.js';
import type { PictureFile } from '../image/file.js';
import { decodeMask } from '../image/mask.js';
import type { Picture, Size } from '../image/picture.js';
import type { Settings } from '../settings/settings.js';
import { startPicture } from '../transfer/start.js';
import type { Transfer } from '../transfer/stylize.js';

type Inputs = Pick<Transfer, 'content' | 'styles' | 'masks' | 'initial'>;

/** The size that a photo is brought to. */
export const contentBounds = ({ size, width }: Settings): Bounds =>
  width === undefined ? { longest: size } : { width };

/** Styles keep their aspect ratio and are as wide as the content times their scale. */
export function styleBounds({ styleScales }: Settings, index: number, contentWidth: number): Bounds {
  const scale = styleScales[index] ?? styleScales[0];
  return { width: Math.max(32, Math.round(contentWidth * scale)) };
}

/**
 * Decodes the content at this size; reads styles, masks and the start.
 * @throws UserError for a file that cannot be used
 */
export async function readInputs(
  photo: PictureFile,
  settings: Settings,
  { width, height }: Size,
  mean: readonly number[],
): Promise<Inputs> {
  const content = await decode(photo, { width, height });
  const styles: Picture[] = [];
  for (const [i, file] of settings.styles.entries()) {
    const style = await decode(file, styleBounds(settings, i, width));
    styles.push(settings.matchColors ? matchColours(style, content) : style);
  }
  const masks =
    settings.masks && (await Promise.all(settings.masks.map((file) => decodeMask(file, width, height))));
  const base = settings.initial === undefined ? content : await decode(settings.initial, { width, height });
  return { content, styles, masks, initial: startPicture(base, settings, mean) };
}
