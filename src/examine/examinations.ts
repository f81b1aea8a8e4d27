/** What is read from files that others wrote. It runs in the child: see examiner.ts. */
import sharp from 'sharp';
import { type Bounds, checkPicture } from '../image/decode.js';
import { hashOf, readPictureFile } from '../image/file.js';
import { decodeMask } from '../image/mask.js';
import { photoTakenAt } from '../image/photo-metadata.js';
import type { Size } from '../image/picture.js';
import { webPainting, webPhoto } from '../image/web.js';
import { hasRecipe, readProvenance } from '../image/xmp.js';
import { loadNetwork } from '../network/weights.js';

export interface FileRequest {
  path: string;
  /** A folder that no link may lead out of. */
  within?: string;
}

/** Reports a file's SHA-256 as soon as it is known: a failure later on then counts for this content. */
export type Hashed = (hash: string) => void;

/** Every examination throws a UserError that names the file if it cannot be used. */
export const examinations = {
  /**
   * Whether a picture is complete and, with `bounds`, large enough. `size`: within the bounds; `isPainting`: this program
   * painted it; `taken`: when, in local time, if its EXIF says so.
   */
  async picture(request: FileRequest & { bounds?: Bounds }, hashed: Hashed) {
    const { file, hash } = await read(request, hashed);
    const size = await checkPicture(file, request.bounds);
    return { hash, size, isPainting: await hasRecipe(file), taken: await photoTakenAt(file) };
  },

  async mask(request: FileRequest, hashed: Hashed) {
    const { file, hash } = await read(request, hashed);
    await decodeMask(file, 64, 64);
    return { hash };
  },

  async network({ path }: FileRequest) {
    return { hash: (await loadNetwork(path)).hash };
  },

  provenance: ({ path }: FileRequest) => readProvenance(path),

  /** A PNG of the upright picture, in sRGB. */
  async thumbnail({ path, within, longestSide }: FileRequest & { longestSide: number }) {
    const { bytes } = await readPictureFile(path, within);
    const { data, info } = await sharp(bytes)
      .autoOrient()
      .resize(longestSide, longestSide, { fit: 'inside', withoutEnlargement: true })
      .toColorspace('srgb')
      .png({ compressionLevel: 1 })
      .toBuffer({ resolveWithObject: true });
    return { png: new Uint8Array(data), width: info.width, height: info.height };
  },

  /** A painting for browsers. */
  async webPainting({ path }: FileRequest) {
    return webPainting(await readPictureFile(path));
  },

  /** A photo for browsers, at this size; undefined if the file's SHA-256 is another one. */
  async webPhoto({ path, hash, size }: FileRequest & { hash: string; size: Size }) {
    const file = await readPictureFile(path);
    return hashOf(file) === hash ? webPhoto(file, size) : undefined;
  },
};

async function read({ path, within }: FileRequest, hashed: Hashed) {
  const file = await readPictureFile(path, within);
  const hash = hashOf(file);
  hashed(hash);
  return { file, hash };
}
