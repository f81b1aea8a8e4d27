/** Files to pictures: upright (EXIF), sRGB whatever the profile, alpha set aside. */
import sharp, { type Metadata, type Sharp } from 'sharp';
import { UserError } from '../util/errors.js';
import { hasHole, missingPart } from './completeness.js';
import { attentionPart, turnedLike } from './crop.js';
import { type PictureFile, readPictureFile } from './file.js';
import { readable, recognizeFormat } from './formats.js';
import type { Box, Picture, Size } from './picture.js';
import { interleavedToPlanes } from './planes.js';
import { unusualTiff } from './tiff.js';
import { whiteOf } from './white.js';

/** The patents on HEVC keep it out of sharp's usual build. */
const readsHevc = sharp.format.heif.input.fileSuffix?.includes('.heic') ?? false;

const maxMegapixels = 80;

/** The network cannot look at less. */
export const smallestPhotoSide = 32;

export interface Bounds {
  /** Longest side at most, in pixels; nothing is enlarged. */
  longest?: number;
  /** Pixels in all at most; nothing is enlarged. */
  pixels?: number;
  /** Exactly this width; may enlarge. */
  width?: number;
  /** With `width`: exactly this height too. When left out, the aspect ratio is kept. */
  height?: number;
  /** Exactly this size, turned like the picture, which is cropped to its shape; may enlarge. */
  print?: Size;
  /** Only this part of the upright picture, as if the rest were not there. */
  part?: Box;
}

/**
 * Reads a whole picture, the first frame of an animated one.
 * @param source a path, or a file that was read already
 * @returns [3, H, W], red, green, blue, 0..255, with alpha [H, W] if the file has any
 * @throws UserError that names the file and says what is wrong with it and what to do
 */
export async function decode(source: string | PictureFile, bounds: Bounds = {}): Promise<Picture> {
  const file = await asFile(source);
  const metadata = await inspect(file);
  const target = boundedSize(metadata, bounds, file.path);
  const part = bounds.part ?? (await printedPart(file, metadata, bounds));
  const white = await whiteOf(file, metadata);
  const { data, info, flaw } = await pixelsOf(file, (image) => {
    const upright = image.autoOrient();
    const resized = (part ? upright.extract(part) : upright)
      // Bicubic, and not from a JPEG's smaller versions: within half a grey level of anishathalye/neural-style's resizing.
      .resize({ ...target, fit: 'fill', kernel: 'cubic', fastShrinkOnLoad: false });
    const seen =
      white === undefined
        ? resized.toColorspace('srgb')
        : // One factor for each channel, since a single one leaves alpha out; the half is for rounding.
          resized.linear(all(255 / white), all(0.5)).toColorspace(metadata.space);
    return seen.raw({ depth: 'uchar' });
  });
  return { ...interleavedToPlanes(data, info.width, info.height, info.channels), flaw };

  function all(value: number): number[] {
    return Array(metadata.channels).fill(value);
  }
}

/**
 * The size that `decode` would bring a picture to.
 * @throws UserError as `decode` does for a file that is no picture, or too small
 */
export async function sizeWithin(source: string | PictureFile, bounds: Bounds): Promise<Size> {
  const file = await asFile(source);
  return boundedSize(await inspect(file), bounds, file.path);
}

/** What is cut out of a picture for a print. */
export interface Crop {
  /** The upright picture. */
  whole: Size;
  part: Box;
}

/** What is cut out of a picture within the bounds; undefined if they are not those of a print. */
export async function cropWithin(file: PictureFile, bounds: Bounds): Promise<Crop | undefined> {
  if (!bounds.print) return undefined;
  const metadata = await inspect(file);
  const part = await printedPart(file, metadata, bounds);
  return part && { whole: metadata.autoOrient, part };
}

const printedPart = async (file: PictureFile, { autoOrient }: Metadata, { print }: Bounds) =>
  print && attentionPart(file, autoOrient, turnedLike(print, autoOrient));

/**
 * Decodes a picture only to see that it is whole; with `bounds`, also whether it is large enough within them.
 * @returns its size, within the bounds if there are any
 * @throws UserError as `decode` does
 */
export async function checkPicture(source: string | PictureFile, bounds?: Bounds): Promise<Size> {
  const file = await asFile(source);
  const metadata = await inspect(file);
  const size = bounds ? boundedSize(metadata, bounds, file.path) : metadata.autoOrient;
  await whiteOf(file, metadata);
  await pixelsOf(file, (image) => image.resize(64, 64, { fit: 'inside' }).raw({ depth: 'uchar' }));
  return size;
}

const asFile = async (source: string | PictureFile) =>
  typeof source === 'string' ? await readPictureFile(source) : source;

/**
 * Decodes a file. Where the decoder warns of something but gets through, as of an odd version in a head, the picture is taken:
 * other programs show it, too.
 */
async function pixelsOf(file: PictureFile, prepare: (image: Sharp) => Sharp) {
  const { bytes } = file;
  const attempt = (failOn: 'warning' | 'error') =>
    prepare(sharp(bytes, { failOn })).toBuffer({ resolveWithObject: true });
  try {
    return { ...(await attempt('warning')), flaw: undefined };
  } catch (warning) {
    if (await lacksPart(bytes)) return damaged(file)();
    const decoded = await attempt('error').catch(damaged(file));
    return { ...decoded, flaw: `is painted, although its decoder warns${about(warning as Error)}.` };
  }
}

/** Whether what the decoder warns of is a missing part, as it does of GIFs, and of JPEGs whose end is there. */
async function lacksPart(bytes: Buffer): Promise<boolean> {
  const { format } = recognizeFormat(bytes);
  if (format !== 'jpeg') return format === 'gif';
  if (!(await hasHole(bytes))) return false;
  // Plain areas of a progressive JPEG are zeros, too: what is odd may be its JFIF head alone.
  const hasHead = bytes.readUInt16BE(2) === 0xffe0;
  const rest = Buffer.concat([bytes.subarray(0, 2), bytes.subarray(hasHead ? 4 + bytes.readUInt16BE(4) : 2)]);
  return sharp(rest, { failOn: 'warning' })
    .stats()
    .then(
      () => false,
      () => true,
    );
}

/** The first line that tells something, without what repeats that it is a warning. */
function about({ message }: Error): string {
  const line = message.split('\n').find((line) => line && !line.includes('failOn'));
  return line ? `: ${line.replace(/^(?:\w+: )?(?:Warning: )?/i, '')}` : ' of something in it';
}

/** Looks at a file without decoding it; throws UserError unless it is a picture that can be read. */
async function inspect(file: PictureFile): Promise<Metadata> {
  const { path, bytes } = file;
  const { format, looksLike } = recognizeFormat(bytes);
  if (!format) {
    const what = looksLike ? `it is ${looksLike}` : 'its content is of no known kind';
    throw new UserError(`${path}: not a picture that can be read: ${what}. Use ${readable}.`);
  }
  // The size is judged below, with numbers.
  const metadata = await sharp(bytes, { limitInputPixels: false, failOn: 'error' })
    .metadata()
    .catch(damaged(file));
  if (format === 'heif' && metadata.compression !== 'av1' && !readsHevc) {
    throw new UserError(
      `${path}: HEIC with ${metadata.compression} cannot be decoded. Save it as JPEG or PNG.`,
    );
  }
  requireBearableSize(path, metadata);
  const missing = await missingPart(format, bytes);
  if (missing) throw new UserError(`${path}: ${missing}. Copy it again.`);
  return metadata;
}

function requireBearableSize(path: string, { width, height }: Metadata): void {
  const megapixels = (width * height) / 1e6;
  if (megapixels <= maxMegapixels) return;
  throw new UserError(
    `${path}: ${width}×${height} is ${Math.round(megapixels)} megapixels, at most ${maxMegapixels} are read. Shrink it first.`,
  );
}

function boundedSize(metadata: Metadata, bounds: Bounds, file: string): Size {
  const { longest = Number.POSITIVE_INFINITY, pixels = Number.POSITIVE_INFINITY, part, print } = bounds;
  const whole = part ?? metadata.autoOrient;
  const { width, height } = print ? turnedLike(print, whole) : bounds;
  const size = `${whole.width}×${whole.height}`;
  const factor = width
    ? width / whole.width
    : Math.min(
        1,
        longest / Math.max(whole.width, whole.height),
        Math.sqrt(pixels / (whole.width * whole.height)),
      );
  const target = width
    ? { width, height: height ?? Math.floor(whole.height * factor + 1e-9) }
    : { width: Math.round(whole.width * factor), height: Math.round(whole.height * factor) };
  if (Math.min(target.width, target.height) < smallestPhotoSide) {
    const shrunk = factor === 1 ? '' : `, ${target.width}×${target.height} after resizing`;
    throw new UserError(
      `${file}: ${size}${shrunk} is too small: each side needs ${smallestPhotoSide} pixels. Use a larger or less narrow picture.`,
    );
  }
  return target;
}

/** In our own words: the library's differ from one time to the next, and what failed for the same reason is left alone. */
const damaged =
  ({ path, bytes }: PictureFile) =>
  (): never => {
    const unusual = recognizeFormat(bytes).format === 'tiff' ? unusualTiff(bytes) : undefined;
    throw new UserError(
      unusual
        ? `${path}: a ${unusual} cannot be decoded. Save it as RGB with 8 or 16 bits.`
        : `${path}: the picture is damaged or cut short. Copy it again.`,
    );
  };
