/** The pictures that a job needs, read and brought to size. */
import { matchColours } from '../image/colour.js';
import { type Bounds, decode } from '../image/decode.js';
import type { PictureFile } from '../image/file.js';
import { decodeMask } from '../image/mask.js';
import type { Picture } from '../image/picture.js';
import type { Settings } from '../settings/settings.js';
import { startPicture } from '../transfer/start.js';
import type { Transfer } from '../transfer/stylize.js';

type Inputs = Pick<Transfer, 'content' | 'styles' | 'masks' | 'initial'>;

/** The size that a photo is brought to. */
export const contentBounds = ({ size, width }: Settings): Bounds =>
  width === undefined ? { longest: size } : { width };

/**
 * Decodes the content; reads styles, masks and the start. Styles keep their aspect ratio and are as wide as the content times
 * their scale.
 * @throws UserError for a file that cannot be used
 */
export async function readInputs(
  photo: PictureFile,
  settings: Settings,
  mean: readonly number[],
): Promise<Inputs> {
  const content = await decode(photo, contentBounds(settings));
  const { width, height } = content;
  const styles: Picture[] = [];
  for (const [i, file] of settings.styles.entries()) {
    const scale = settings.styleScales[i] ?? settings.styleScales[0];
    const style = await decode(file, { width: Math.max(32, Math.round(width * scale)) });
    styles.push(settings.matchColors ? matchColours(style, content) : style);
  }
  const masks =
    settings.masks && (await Promise.all(settings.masks.map((file) => decodeMask(file, width, height))));
  const base = settings.initial === undefined ? content : await decode(settings.initial, { width, height });
  return { content, styles, masks, initial: startPicture(base, settings, mean) };
}
