/** Sixels, in a thread of their own: encoding takes up to seconds, and keys must not wait for it. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import type { Size } from '../image/picture.js';

/** The most that the protocol has. */
const mostColors = 256;

let worker: Worker | undefined;
/** One at a time: the answers do not say what they answer. */
let underWay: Promise<unknown> = Promise.resolve();

/** An encoded image file as a sixel sequence that draws it at the cursor, in this many pixels. */
export async function encodeSixel(
  image: Uint8Array,
  { width, height }: Size,
  colors = mostColors,
): Promise<string> {
  const pixels = await sharp(image)
    .resize(width, height, { fit: 'fill' })
    .toColorspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer();
  const work = underWay
    .catch(() => {})
    .then(() => encoded({ pixels, width, height, colors: Math.min(colors, mostColors) }));
  underWay = work;
  return work;
}

async function encoded(raw: Size & { pixels: Uint8Array; colors: number }): Promise<string> {
  if (!worker) {
    worker = new Worker(new URL('./sixel-worker.js', import.meta.url));
    worker.once('exit', () => {
      worker = undefined;
    });
    // It ends with the program.
    worker.unref();
  }
  worker.postMessage(raw);
  const [code] = (await once(worker, 'message')) as [string];
  return code;
}
