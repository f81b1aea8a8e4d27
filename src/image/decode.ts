/** Files to pictures: upright (EXIF), sRGB whatever the profile, alpha set aside. */
import { open, stat } from 'node:fs/promises';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { UserError } from '../settings/errors.js';
import { readable } from './formats.js';
import type { Picture } from './picture.js';
import { interleavedToPlanes } from './planes.js';

/** Formats by sharp's names. SVG and PDF are left out: they can pull in other files. */
const accepted = new Set(['jpeg', 'png', 'webp', 'tiff', 'gif', 'avif', 'heif']);

/** The patents on HEVC keep it out of sharp's usual build. */
const readsHevc = sharp.format.heif.input.fileSuffix?.includes('.heic') ?? false;

const maxMegapixels = 80;

/** The network cannot look at less. */
export const smallestSide = 32;

export interface Bounds {
  /** Longest side at most, in pixels; nothing is enlarged. */
  longest?: number;
  /** Exactly this width; may enlarge. */
  width?: number;
  /** With `width`: exactly this height too. When left out, the aspect ratio is kept. */
  height?: number;
}

/**
 * Reads a whole picture, the first frame of an animated one.
 * @returns [3, H, W], red, green, blue, 0..255, with alpha [H, W] if the file has any
 * @throws UserError that names the file and says what is wrong with it and what to do
 */
export async function decode(file: string, bounds: Bounds = {}): Promise<Picture> {
  const metadata = await inspect(file);
  const target = boundedSize(metadata, bounds, file);
  // 'warning' refuses what 'truncated' lets pass, such as a PNG with bad checksums.
  const image = sharp(file, { failOn: 'warning' })
    .autoOrient()
    // Bicubic, and not from a JPEG's smaller versions: within half a grey level of the ancestor's resizing.
    .resize({ ...target, fit: 'fill', kernel: 'cubic', fastShrinkOnLoad: false })
    .toColourspace('srgb');
  const { data, info } = await pixelsOf(image, file);
  return interleavedToPlanes(data, info.width, info.height, info.channels);
}

function pixelsOf(image: Sharp, file: string) {
  return image
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: Error) => {
      throw new UserError(
        `${file}: the picture is damaged or cut short (${firstLine(error)}). Copy it again.`,
      );
    });
}

/** Decodes a picture of whatever shape, only to see that it is whole. Throws UserError as `decode` does. */
export async function checkPicture(file: string): Promise<void> {
  await inspect(file);
  await pixelsOf(sharp(file, { failOn: 'warning' }).resize(64, 64, { fit: 'inside' }), file);
}

/** Looks at a file without decoding it; throws UserError unless it is a picture that can be read. */
async function inspect(file: string): Promise<Metadata> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      error.code === 'ENOENT'
        ? `${file}: there is no such file.`
        : `${file}: cannot be read (${error.code}).`,
    );
  });
  if (!found.isFile()) throw new UserError(`${file}: expected a picture, got a folder or a device.`);
  if (found.size === 0) throw new UserError(`${file}: the file is empty. Copy it again.`);
  const readers = await open(file).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${file}: cannot be read (${error.code}). Check its permissions.`);
  });
  try {
    const metadata = await sharp(file)
      .metadata()
      .catch(() => undefined);
    if (!metadata?.format || !accepted.has(metadata.format)) {
      const what = metadata?.format
        ? `it is ${metadata.format.toUpperCase()}`
        : 'its content is of no known kind';
      throw new UserError(`${file}: not a picture that can be read: ${what}. Use ${readable}.`);
    }
    if (metadata.format === 'heif' && metadata.compression !== 'av1' && !readsHevc) {
      throw new UserError(
        `${file}: HEIC with ${metadata.compression} cannot be decoded. Save it as JPEG or PNG.`,
      );
    }
    requireBearableSize(file, metadata);
    if (metadata.format === 'jpeg') await requireEndOfJpeg(file, found.size, readers);
    return metadata;
  } finally {
    await readers.close();
  }
}

function requireBearableSize(file: string, { width, height }: Metadata): void {
  const megapixels = (width * height) / 1e6;
  if (megapixels <= maxMegapixels) return;
  throw new UserError(
    `${file}: ${width}×${height} is ${Math.round(megapixels)} megapixels, at most ${maxMegapixels} are read. Shrink it first.`,
  );
}

/** A JPEG cut short often decodes to a picture with a grey rest; its end marker tells. */
async function requireEndOfJpeg(
  file: string,
  size: number,
  handle: Awaited<ReturnType<typeof open>>,
): Promise<void> {
  // Cameras append other data after the picture, so the marker is looked for in the last part, not at the very end.
  const tail = Buffer.alloc(Math.min(size, 65_536));
  await handle.read(tail, 0, tail.length, size - tail.length);
  if (tail.lastIndexOf(Buffer.of(0xff, 0xd9)) < 0) {
    throw new UserError(`${file}: the JPEG is cut short: its end marker is missing. Copy it again.`);
  }
}

function boundedSize(
  metadata: Metadata,
  { longest, width, height }: Bounds,
  file: string,
): { width: number; height: number } {
  const upright = metadata.autoOrient;
  const size = `${upright.width}×${upright.height}`;
  const factor = width
    ? width / upright.width
    : Math.min(1, (longest ?? Number.POSITIVE_INFINITY) / Math.max(upright.width, upright.height));
  const target = width
    ? { width, height: height ?? Math.floor(upright.height * factor + 1e-9) }
    : { width: Math.round(upright.width * factor), height: Math.round(upright.height * factor) };
  if (Math.min(target.width, target.height) < smallestSide) {
    const shrunk = factor === 1 ? '' : `, ${target.width}×${target.height} after resizing`;
    throw new UserError(
      `${file}: ${size}${shrunk} is too small: each side needs ${smallestSide} pixels. Use a larger or less narrow picture.`,
    );
  }
  return target;
}

const firstLine = (error: Error) => error.message.trim().split('\n')[0];
