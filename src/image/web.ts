/** Versions of a picture for browsers: upright, sRGB, and without any metadata, so that no location is passed on. */
import sharp, { type Sharp } from 'sharp';
import { checkPicture } from './decode.js';
import type { PictureFile } from './file.js';
import type { Size } from './picture.js';

export interface WebPicture extends Size {
  /** The file's name. */
  name: string;
  bytes: Uint8Array;
}

/** Pixels of the longer side: of a thumbnail, of one on a dense screen, of a laptop's screen, and of the largest. */
const longestSides = [480, 960, 1920, 2560];

/** Colors at full resolution: brushstrokes are fine. */
const webp = { quality: 82, smartSubsample: true };

/**
 * @returns pictures from small to large, none larger than the original, and the original's size as a JPEG
 * @throws UserError that names the file if it cannot be read
 */
export async function webPainting(file: PictureFile): Promise<{ pictures: WebPicture[]; full: WebPicture }> {
  const size = await checkPicture(file);
  const longest = Math.max(size.width, size.height);
  const largest = Math.min(longest, longestSides.at(-1)!);
  // One that is hardly smaller than the largest would be of no use.
  const sides = [...longestSides.filter((side) => side < 0.8 * largest), largest];
  const pictures: WebPicture[] = [];
  for (const side of sides) {
    const image = upright(file).resize(side, side, { fit: 'inside' }).webp(webp);
    pictures.push(await rendered(image, `${side}.webp`));
  }
  const full = upright(file).flatten({ background: 'white' });
  return { pictures, full: await rendered(full.jpeg({ quality: 92, chromaSubsampling: '4:4:4' }), fullName) };
}

/** The photo, to lie exactly below a painting of this size. */
export function webPhoto(file: PictureFile, { width, height }: Size): Promise<WebPicture> {
  return rendered(upright(file).resize(width, height, { fit: 'fill' }).webp(webp), photoName);
}

const fullName = 'painting.jpg';
const photoName = 'photo.webp';

const upright = ({ bytes }: PictureFile) =>
  sharp(bytes, { failOn: 'error' }).autoOrient().toColorspace('srgb');

async function rendered(image: Sharp, name: string): Promise<WebPicture> {
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  return { name, width: info.width, height: info.height, bytes: new Uint8Array(data) };
}
