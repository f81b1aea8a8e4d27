/** The pictures that are measured with, at the size that everybody takes them at. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { decode } from '#dist/image/decode.js';
import { encode } from '#dist/image/encode.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const photo = here('../../samples/coffee.jpg');
export const otherPhoto = here('../../samples/cat.jpg');
export const painting = here('../../presets/styles/starry-night.jpg');

/** @returns the file's path */
export async function writePng(source, width, folder, name) {
  const path = join(folder, `${name}.png`);
  await writeFile(path, await encode(await decode(source, { width }), { format: 'png' }));
  return path;
}

/**
 * Nothing but red, green and blue of each pixel, for readers that know no kind of file.
 * @param {{ width?: number, height?: number }} size cropped where it has another shape; as it is when left out
 */
export async function writePixels(source, size, folder, name) {
  const path = join(folder, name);
  const pixels = sharp(source).resize(size).removeAlpha().raw();
  const { data, info } = await pixels.toBuffer({ resolveWithObject: true });
  await writeFile(path, data);
  return { path, width: info.width, height: info.height };
}

export async function readPixels({ path, width, height }) {
  const bytes = await readFile(path);
  const count = width * height;
  const data = new Float32Array(3 * count).map((_, i) => bytes[3 * (i % count) + Math.floor(i / count)]);
  return { data, width, height };
}
