/** Pictures to files: sRGB, in the best quality that the format has, with the source's EXIF. */
import sharp, { type Sharp } from 'sharp';
import type { PictureFile } from './file.js';
import type { OutputFormat } from './formats.js';
import type { Picture } from './picture.js';
import { planesToInterleaved } from './planes.js';

export interface EncodeOptions {
  format: OutputFormat;
  /** The photo's: see exifCarrier(). */
  exif?: Uint8Array;
  /** Packet of XMP to put in. */
  xmp?: string;
}

/** Values are rounded and clamped to 0..255; alpha is kept where the format has it (JPEG has not). */
export async function encode(picture: Picture, { format, exif, xmp }: EncodeOptions): Promise<Buffer> {
  const { width, height } = picture;
  const withAlpha = picture.alpha !== undefined && format !== 'jpeg';
  const channels = withAlpha ? 4 : 3;
  const input = planesToInterleaved(picture, withAlpha);
  const raw = { width, height, channels } as const;
  const finish = (image: Sharp) => {
    const output = compress(image, format).withIccProfile('srgb');
    return (xmp ? output.withXmp(xmp) : output).toBuffer();
  };
  if (!exif) return finish(sharp(input, { raw }));
  const carrier = sharp(exif).resize(width, height, { fit: 'fill' });
  const painted = (withAlpha ? carrier.ensureAlpha() : carrier).composite([
    { input: Buffer.from(input.buffer), raw, blend: 'source' },
  ]);
  // Laying one picture over another brings alpha in.
  return finish((withAlpha ? painted : painted.removeAlpha()).keepExif());
}

/**
 * A small upright picture with the EXIF of a file, but for the orientation. sharp copies EXIF from its input only, so
 * the painting is laid over this one; whatever the file is (CMYK, 16 bit, gray), the carrier is plain sRGB.
 */
export function exifCarrier({ bytes }: PictureFile): Promise<Uint8Array> {
  const small = sharp(bytes, { failOn: 'none' }).autoOrient().resize(16, 16, { fit: 'fill' });
  return small.removeAlpha().toColorspace('srgb').keepExif().png().toBuffer();
}

/** In the best quality that the format has. */
export function compress(image: Sharp, format: OutputFormat): Sharp {
  switch (format) {
    case 'jpeg':
      return image.jpeg({ quality: 95, chromaSubsampling: '4:4:4' });
    case 'png':
      return image.png();
    case 'webp':
      return image.webp({ quality: 95, smartSubsample: true });
    case 'tiff':
      return image.tiff({ compression: 'deflate', predictor: 'horizontal' });
    case 'avif':
      return image.avif({ quality: 80, chromaSubsampling: '4:4:4' });
  }
}
