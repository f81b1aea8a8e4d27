/**
 * How much still places of a painted clip flicker: a sequence beside frames painted each by itself, for a pan over a photo and
 * a scene with a fixed camera, in which something moves and every frame has its own noise.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { readProvenance } from '#dist/image/xmp.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const sample = (name) => join(root, 'samples', `${name}.jpg`);

/**
 * @typedef {object} Clip
 * @property {string} name
 * @property {(i: number, width: number, height: number, frames: number) => Promise<Uint8Array>} frame pixels, RGB
 * @property {(i: number, width: number, height: number, frames: number) => { dx: number, isStill: (x: number, y: number) => boolean }} motion
 *   since the frame before: by how many pixels the scene moved, and which pixels moved with it
 */

/** Width of the photo that is panned over, as a multiple of the frame's. */
const panorama = 1.35;
/** Side of what moves, and how far it moves between two frames, as shares of the frame's width. */
const [side, step] = [0.3, 0.02];

const left = (i, width, frames) => Math.round((i * (panorama - 1) * width) / Math.max(1, frames - 1));
const place = (i, width) => Math.round((0.05 + step * i) * width);

/** Uniform numbers around 0, the same in every run. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff - 0.5;
  };
}

/** @type {Clip[]} */
export const clips = [
  {
    name: 'pan',
    frame: async (i, width, height, frames) => {
      const wide = Math.round(panorama * width);
      const photo = await sharp(sample('rocket')).resize(wide, null).png().toBuffer();
      const top = Math.round(((await sharp(photo).metadata()).height - height) / 2);
      return sharp(photo)
        .extract({ left: left(i, width, frames), top, width, height })
        .removeAlpha()
        .raw()
        .toBuffer();
    },
    motion: (i, width, _, frames) => {
      const dx = left(i, width, frames) - left(i - 1, width, frames);
      return { dx, isStill: (x) => x + dx < width };
    },
  },
  {
    name: 'scene',
    frame: async (i, width, height) => {
      const size = Math.round(side * width);
      const disc = Buffer.from(
        `<svg width="${size}" height="${size}"><circle cx="50%" cy="50%" r="48%"/></svg>`,
      );
      const cat = await sharp(sample('cat'))
        .resize(size, size)
        .composite([{ input: disc, blend: 'dest-in' }])
        .png()
        .toBuffer();
      const pixels = await sharp(sample('coffee'))
        .resize(width, height)
        .composite([{ input: cat, left: place(i, width), top: Math.round(0.1 * height) }])
        .removeAlpha()
        .raw()
        .toBuffer();
      const random = randomNumbers(i + 1);
      // As a camera's sensor, σ about 1.5.
      return pixels.map((value) =>
        Math.min(255, Math.max(0, Math.round(value + 3 * (random() + random() + random())))),
      );
    },
    motion: (i, width) => ({
      dx: 0,
      isStill: (x) => x < place(i - 1, width) || x > place(i, width) + side * width,
    }),
  },
];

/** Mean change of still places from frame to frame, in gray levels. */
async function flicker(folder, clip, { frames, width, height }) {
  const read = (i) =>
    sharp(join(folder, `frame${i + 1}.png`))
      .removeAlpha()
      .raw()
      .toBuffer();
  const changes = [];
  for (let i = 1; i < frames; i++) {
    const [before, now] = [await read(i - 1), await read(i)];
    const { dx, isStill } = clip.motion(i, width, height, frames);
    let [sum, count] = [0, 0];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        if (!isStill(x, y)) continue;
        for (let c = 0; c < 3; c++)
          sum += Math.abs(now[3 * (y * width + x) + c] - before[3 * (y * width + x + dx) + c]);
        count += 3;
      }
    changes.push(sum / count);
  }
  return changes.reduce((sum, change) => sum + change, 0) / changes.length;
}

const add = (values) => Object.values(values).reduce((sum, value) => sum + value, 0);

/** @param {{ frames: number, width: number, iterations: number, keep?: string }} options `keep`: a folder for the frames */
export async function flickers({ frames, width, iterations, keep }, say) {
  const height = Math.round(0.75 * width);
  const work = keep ?? (await mkdtemp(join(tmpdir(), 'flicker-')));
  const results = {};
  for (const clip of clips) {
    const inbox = join(work, clip.name);
    await mkdir(inbox, { recursive: true });
    for (let i = 0; i < frames; i++)
      await sharp(await clip.frame(i, width, height, frames), { raw: { width, height, channels: 3 } })
        .png()
        .toFile(join(inbox, `frame${i + 1}.png`));
    const paint = (name, ...flags) => {
      const output = join(work, `${clip.name}-${name}`);
      const common = [
        '--size',
        width,
        '--iterations',
        iterations,
        '--style',
        'starry-night',
        '--once',
        '--json',
      ];
      const began = performance.now();
      execFileSync(
        process.execPath,
        [join(root, 'bin/stylize-tui.js'), 'watch', inbox, '-o', output, ...common.map(String), ...flags],
        { maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'ignore'] },
      );
      return { output, seconds: (performance.now() - began) / 1000 };
    };
    const alone = paint('alone');
    const sequence = paint('sequence', '--sequence');
    const style = async ({ output }, i) =>
      add((await readProvenance(join(output, `frame${i}.png`))).losses.style);
    const found = {
      photos: await flicker(inbox, clip, { frames, width, height }),
      alone: await flicker(alone.output, clip, { frames, width, height }),
      sequence: await flicker(sequence.output, clip, { frames, width, height }),
      seconds: { alone: alone.seconds, sequence: sequence.seconds },
      /** The last frame's style loss, as a multiple of what it is if the frame is painted alone. */
      style: (await style(sequence, frames)) / (await style(alone, frames)),
    };
    results[clip.name] = found;
    say(
      `${clip.name}, ${frames} frames of ${width}×${height}: still places change by ${found.sequence.toFixed(2)} gray levels in a sequence, ` +
        `by ${found.alone.toFixed(2)} painted alone (${(found.sequence / found.alone).toFixed(2)}), by ${found.photos.toFixed(2)} in the photos; ` +
        `style loss of the last frame ${found.style.toFixed(2)} times that of the frame alone; ` +
        `${sequence.seconds.toFixed(0)} s instead of ${alone.seconds.toFixed(0)} s`,
    );
  }
  if (!keep) await rm(work, { recursive: true });
  return results;
}
