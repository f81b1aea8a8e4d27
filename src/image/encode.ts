/** Pictures to files: sRGB, in the best quality that the format has, with what the source says about itself. */
import sharp, { type Sharp } from 'sharp';
import type { OutputFormat } from './formats.js';
import type { Picture } from './picture.js';
import { planesToInterleaved } from './planes.js';

export interface EncodeOptions {
  format: OutputFormat;
  /** Holds the photo's EXIF and IPTC: see PhotoMetadata. */
  carrier?: Uint8Array;
  /** Pixels an inch. */
  density?: number;
  /** Packet of XMP to put in. */
  xmp?: string;
}

/** Values are rounded and clamped to 0..255; alpha is kept where the format has it (JPEG has not). */
export async function encode(
  picture: Picture,
  { format, carrier, density, xmp }: EncodeOptions,
): Promise<Buffer> {
  const { width, height } = picture;
  const withAlpha = picture.alpha !== undefined && format !== 'jpeg';
  const channels = withAlpha ? 4 : 3;
  const input = planesToInterleaved(picture, withAlpha);
  const raw = { width, height, channels } as const;
  const finish = (image: Sharp) => {
    const output = compress(image, format).withIccProfile('srgb');
    if (density) output.withDensity(density);
    return (xmp ? output.withXmp(xmp) : output).toBuffer();
  };
  if (!carrier) return finish(sharp(input, { raw }));
  const below = sharp(carrier).resize(width, height, { fit: 'fill' });
  const painted = (withAlpha ? below.ensureAlpha() : below).composite([
    { input: Buffer.from(input.buffer), raw, blend: 'source' },
  ]);
  // Laying one picture over another brings alpha in.
  return finish((withAlpha ? painted : painted.removeAlpha()).keepMetadata());
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
