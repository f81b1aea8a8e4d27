/** Reads style pictures: without the frame of a scan, at their painted size, with the photo's colors if requested. */
import { basename } from 'node:path';
import { matchColors } from '../image/color.js';
import { type Bounds, decode, sizeWithin, smallestPhotoSide } from '../image/decode.js';
import { hashOf, type PictureFile } from '../image/file.js';
import { eachSide, findFrame, type Margins, sides } from '../image/frame.js';
import type { Picture, Size } from '../image/picture.js';
import type { Settings } from '../settings/settings.js';

type SizeSettings = Pick<Settings, 'styleScales' | 'styleSize' | 'keepFrame'>;

/** Longest side, in pixels, of the smaller picture in which a frame is searched for. */
const searchSize = 768;

/** The frames found, by content hash, since all photos of a folder use the same styles. */
const frames = new Map<string, Margins | undefined>();

/**
 * Reads a style.
 * @param index its place among the settings' styles
 * @param photo at its painted size, without bleed
 * @returns the style, and notes for the user: that a frame was left out, and what the decoder warns of
 * @throws UserError for a file that cannot be used
 */
export async function readStyle(
  file: PictureFile,
  settings: SizeSettings & Pick<Settings, 'matchColors'>,
  index: number,
  photo: Picture,
): Promise<{ style: Picture; notes: string[] }> {
  const style = await decode(file, await boundsOf(file, settings, index, photo.width));
  const frame = await frameOf(file, settings);
  const notes = [frame && describe(frame), style.flaw].filter((note) => note !== undefined);
  return {
    style: settings.matchColors ? matchColors(style, photo) : style,
    notes: notes.map((note) => `${basename(file.path)}: ${note}`),
  };
}

/**
 * The size of the style that readStyle() returns.
 * @param contentWidth the photo's, in pixels, without bleed
 * @throws as readStyle()
 */
export async function sizeOfStyle(
  file: PictureFile,
  settings: SizeSettings,
  index: number,
  contentWidth: number,
): Promise<Size> {
  return sizeWithin(file, await boundsOf(file, settings, index, contentWidth));
}

/** Styles keep their aspect ratio. Their width is the content's times their scale, unless styleSize is set. */
async function boundsOf(
  file: PictureFile,
  settings: SizeSettings,
  index: number,
  contentWidth: number,
): Promise<Bounds> {
  const { styleScales, styleSize } = settings;
  const frame = await frameOf(file, settings);
  const whole = await sizeWithin(file, {});
  const part = frame && inside(frame, whole);
  if (styleSize !== undefined) return { longest: styleSize, part };
  const scale = styleScales[index] ?? styleScales[0];
  // Of a flat picture, as wide as a small photo, too little would be left for the network.
  const { width, height } = part ?? whole;
  const least = Math.ceil(smallestPhotoSide * Math.max(1, width / height));
  return { width: Math.max(least, Math.round(contentWidth * scale)), part };
}

const inside = ({ left, top, right, bottom }: Margins, { width, height }: Size) => ({
  left,
  top,
  width: width - left - right,
  height: height - top - bottom,
});

/** The frame to leave out, in pixels of the file. */
async function frameOf(file: PictureFile, { keepFrame }: SizeSettings): Promise<Margins | undefined> {
  if (keepFrame) return undefined;
  const key = hashOf(file);
  if (!frames.has(key)) frames.set(key, await searchFrame(file));
  return frames.get(key);
}

async function searchFrame(file: PictureFile): Promise<Margins | undefined> {
  const { width, height } = await sizeWithin(file, {});
  const scale = Math.max(1, Math.max(width, height) / searchSize);
  if (Math.min(width, height) < scale * smallestPhotoSide) return undefined;
  const frame = findFrame(await decode(file, { longest: searchSize }));
  return frame && eachSide((side) => Math.ceil(scale * frame[side]));
}

/** an even border at its left and top (12 and 8 pixels) is left out; … */
function describe(frame: Margins): string {
  const found = sides.filter((side) => frame[side] > 0);
  const list = (items: readonly unknown[]) => items.join(', ').replace(/, (?=[^,]*$)/, ' and ');
  return `an even border at its ${list(found)} (${list(found.map((side) => frame[side]))} pixels) is left out; --keep-frame keeps it.`;
}
