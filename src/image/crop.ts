/** Crops pictures to a shape: the part of them that draws attention. */
import sharp from 'sharp';
import type { PictureFile } from './file.js';
import type { Box, Size } from './picture.js';

/** Longest side, in pixels, of the smaller picture in which the part is searched for. */
const searchSize = 512;

/** A size turned like a picture: wider than high if the picture is. */
export function turnedLike({ width, height }: Size, picture: Size): Size {
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  return picture.width > picture.height ? { width: long, height: short } : { width: short, height: long };
}

/**
 * The largest part of a picture that has a shape, where luminance changes, skin and saturated colors are strongest.
 * @param whole the picture's size, upright
 * @param shape the width and height that the part is proportional to
 */
export async function attentionPart({ bytes }: PictureFile, whole: Size, shape: Size): Promise<Box> {
  const factor = Math.min(whole.width / shape.width, whole.height / shape.height);
  const part = {
    width: Math.min(whole.width, Math.round(shape.width * factor)),
    height: Math.min(whole.height, Math.round(shape.height * factor)),
  };
  const shrink = Math.min(1, searchSize / Math.max(whole.width, whole.height));
  const side = (length: number) => Math.max(1, Math.round(length * shrink));
  const { data, info: raw } = await sharp(bytes, { failOn: 'none' })
    .autoOrient()
    .resize(side(whole.width), side(whole.height), { fit: 'fill' })
    .toColorspace('srgb')
    .flatten()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { info } = await sharp(data, { raw })
    .resize(side(part.width), side(part.height), { fit: 'cover', position: sharp.strategy.attention })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const place = (offset: number | undefined, most: number) =>
    Math.max(0, Math.min(most, Math.round(-(offset ?? 0) / shrink)));
  return {
    left: place(info.cropOffsetLeft, whole.width - part.width),
    top: place(info.cropOffsetTop, whole.height - part.height),
    ...part,
  };
}
