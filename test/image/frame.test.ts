import { fileURLToPath } from 'node:url';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { decode } from '../../src/image/decode.js';
import { findFrame, type Margins, sides } from '../../src/image/frame.js';
import type { Picture } from '../../src/image/picture.js';
import { interleavedToPlanes } from '../../src/image/planes.js';

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const painting = (name: string) => file(`presets/styles/${name}.jpg`);

/** The same in every run, evenly distributed from −1 to 1. */
const grain = (i: number) => 2 * (((Math.imul(i ^ 0x9e3779b9, 0x85ebca6b) >>> 8) & 0xffff) / 0xffff) - 1;

type Color = readonly [number, number, number];
const white: Color = [244, 241, 232];
const black: Color = [12, 12, 14];
const grey: Color = [150, 148, 145];
const paper: Color = [214, 196, 160];

function draw(width: number, height: number, color: (x: number, y: number) => Color): Picture {
  const data = new Float32Array(3 * width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) data[(c * height + y) * width + x] = color(x, y)[c];
  return { data, width, height };
}

async function toPicture(image: Sharp): Promise<Picture> {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return interleavedToPlanes(data, info.width, info.height, info.channels);
}

/** At the coordinates x, y and the distance to each side: the border's color there, or undefined inside. */
type Border = (from: Margins) => Color | undefined;

/** A painting with something laid over its rim, grain in it and all, as a JPEG of middling quality. */
async function scanned(name: string, border: Border, blur = 0): Promise<Picture> {
  const inside = await decode(painting(name), { longest: 640 });
  const { width, height } = inside;
  const framed = draw(width, height, (x, y) => {
    const color = border({ left: x, top: y, right: width - 1 - x, bottom: height - 1 - y });
    const noise = 4 * grain(y * width + x);
    return [0, 1, 2].map((c) =>
      color ? color[c] + noise : inside.data[(c * height + y) * width + x],
    ) as unknown as Color;
  });
  const bytes = Uint8Array.from({ length: 3 * width * height }, (_, i) =>
    Math.max(0, Math.min(255, framed.data[(i % 3) * width * height + Math.floor(i / 3)])),
  );
  const image = sharp(bytes, { raw: { width, height, channels: 3 } });
  const jpeg = await (blur ? image.blur(blur) : image).jpeg({ quality: 70 }).toBuffer();
  return toPicture(sharp(jpeg));
}

/** No side keeps any of the border, or loses more of the painting than some pixels. */
function expectMargins(found: Margins | undefined, expected: Partial<Margins>): void {
  for (const side of sides) {
    const width = expected[side] ?? 0;
    const [least, most] = width === 0 ? [0, 0] : [width, width + 10];
    expect(found?.[side] ?? 0, side).toBeGreaterThanOrEqual(least);
    expect(found?.[side] ?? 0, side).toBeLessThanOrEqual(most);
  }
}

describe('an even border', () => {
  it.each([
    [
      'white paper around it',
      ['starry-night', 'shipwreck'],
      white,
      { left: 30, top: 18, right: 25, bottom: 40 },
    ],
    ["a scanner's black at two sides", ['starry-night', 'great-wave'], black, { left: 22, bottom: 12 }],
    ['grey board above and below', ['starry-night', 'shipwreck'], grey, { top: 35, bottom: 35 }],
    ['bare cardboard at one side', ['starry-night', 'shipwreck'], paper, { right: 28 }],
  ] as const)('is found: %s', async (_, names, color, margins: Partial<Margins>) => {
    for (const name of names) {
      const picture = await scanned(name, (from) =>
        sides.some((side) => from[side] < (margins[side] ?? 0)) ? color : undefined,
      );
      expectMargins(findFrame(picture), margins);
    }
  });

  it('may have another color at each side', async () => {
    const colors = { left: white, top: black, right: paper, bottom: grey };
    const picture = await scanned('starry-night', (from) => {
      const side = sides.find((side) => from[side] < 24);
      return side && colors[side];
    });
    expectMargins(findFrame(picture), { left: 24, top: 24, right: 24, bottom: 24 });
  });

  it('may be darker at one end, dusty, and wider at one end where the scan is turned', async () => {
    const turned = (along: number) => 20 + 0.012 * along;
    const picture = await scanned('starry-night', ({ left, top, right }) => {
      if (left % 97 === 3 && top % 89 < 2) return black;
      if (left >= turned(top) && right >= turned(top)) return undefined;
      return white.map((value) => value - 0.08 * top) as unknown as Color;
    });
    const widest = Math.ceil(turned(picture.height));
    expectMargins(findFrame(picture), { left: widest, right: widest });
  });

  it('goes with its soft edge', async () => {
    const sharpEdge = await scanned('starry-night', ({ left }) => (left < 24 ? white : undefined));
    const softEdge = await scanned('starry-night', ({ left }) => (left < 24 ? white : undefined), 2.5);
    const before = findFrame(sharpEdge)!.left;
    const after = findFrame(softEdge)!.left;
    expect(after).toBeGreaterThan(before);
    expect(after).toBeLessThanOrEqual(24 + 12);
  });

  it('may lie around another one', async () => {
    const picture = await scanned('great-wave', (from) => {
      const distance = Math.min(...sides.map((side) => from[side]));
      if (distance < 20) return white;
      return distance < 28 ? black : undefined;
    });
    expectMargins(findFrame(picture), { left: 28, top: 28, right: 28, bottom: 28 });
  });

  it('is at the right of The Scream', async () => {
    const { left, top, right, bottom } = findFrame(await decode(painting('the-scream')))!;
    expect([left, top, bottom]).toEqual([0, 0, 0]);
    // It is 18 to 28 pixels wide.
    expect(right).toBeGreaterThanOrEqual(24);
    expect(right).toBeLessThanOrEqual(34);
  });
});

describe('a picture is not cut', () => {
  it.each([
    ...['great-wave', 'shipwreck', 'starry-night'].map((name) => `presets/styles/${name}.jpg`),
    ...['cat', 'coffee', 'rocket'].map((name) => `samples/${name}.jpg`),
  ])('that has no frame: %s', async (path) => {
    expect(findFrame(await decode(file(path)))).toBeUndefined();
  });

  /** Something to see below what looks even, so that it is not left alone for want of that. */
  const busy = (x: number, y: number): Color => {
    const value = 110 + 70 * Math.sin(x / 5) * Math.sin(y / 7) + 30 * grain(y * 600 + x);
    return [value, 0.8 * value, 0.5 * value];
  };
  const sky = (x: number, y: number): Color => [120, 170, 220 + 3 * grain(y * 600 + x)];
  const night = (x: number, y: number): Color => [10, 12, 28 + 3 * grain(y * 600 + x)];

  it('for a flat sky, nor for one above a straight horizon', () => {
    expect(findFrame(draw(600, 450, (x, y) => (y < 200 ? sky(x, y) : busy(x, y))))).toBeUndefined();
    expect(findFrame(draw(600, 450, (x, y) => (y < 55 ? sky(x, y) : busy(x, y))))).toBeUndefined();
  });

  it('for a night sky above roofs and trees', () => {
    const skyline = (x: number) => 40 + 8 * (Math.floor(x / 37) % 3) + 6 * Math.sin(x / 9);
    expect(findFrame(draw(600, 450, (x, y) => (y < skyline(x) ? night(x, y) : busy(x, y))))).toBeUndefined();
  });

  it('for a dark ground around a head', () => {
    const isHead = (x: number, y: number) => Math.hypot(x - 300, y - 240) < 200;
    expect(findFrame(draw(600, 450, (x, y) => (isHead(x, y) ? busy(x, y) : night(x, y))))).toBeUndefined();
  });

  it.each([
    ['brushed', 9],
    ['sharp', 0],
  ])('for fields of color on a ground: %s', (_, raggedness) => {
    const picture = draw(450, 600, (x, y) => {
      const ragged = (at: number) => raggedness * (Math.sin(at / 11) + Math.sin(at / 4.3));
      const noise = 5 * grain(y * 450 + x);
      const isField = x > 32 + ragged(y) && x < 418 + ragged(y + 50);
      if (isField && y > 35 + ragged(x) && y < 270 + ragged(x + 9)) return [200 + noise, 90, 30];
      if (isField && y > 300 + ragged(x) && y < 565 + ragged(x + 9)) return [90 + noise, 20, 30];
      return [150 + noise, 40, 25];
    });
    expect(findFrame(picture)).toBeUndefined();
  });

  it('for a vignette', async () => {
    const { data, width, height } = await decode(painting('great-wave'), { longest: 600 });
    const fade: Record<string, (x: number, y: number) => number> = {
      round: (x, y) => Math.max(0, 1 - 1.1 * Math.hypot(x / width - 0.5, y / height - 0.5) ** 2 * 2),
      straight: (x, y) => Math.min(1, Math.min(x, y, width - 1 - x, height - 1 - y) / 60),
    };
    for (const share of Object.values(fade)) {
      const vignette = draw(
        width,
        height,
        (x, y) => [0, 1, 2].map((c) => share(x, y) * data[(c * height + y) * width + x]) as unknown as Color,
      );
      expect(findFrame(vignette)).toBeUndefined();
    }
  });

  it('for paper into which the motif reaches', () => {
    const petal = (x: number, y: number) =>
      Math.abs(Math.sin(x / 29) * 90 + 100 - y) < 35 + 30 * Math.sin(x / 13);
    const picture = draw(600, 450, (x, y) => (petal(x, y) || y > 250 ? busy(x, y) : white));
    expect(findFrame(picture)).toBeUndefined();
  });

  it('where a motif lies over the border', async () => {
    const picture = await scanned('great-wave', ({ left, top }) =>
      top < 25 && (left < 300 || left > 390) ? white : undefined,
    );
    expect(findFrame(picture)).toBeUndefined();
  });

  it('by more than a seventh of a side', async () => {
    const picture = await scanned('starry-night', (from) =>
      sides.some((side) => from[side] < 130) ? white : undefined,
    );
    expect(findFrame(picture)).toBeUndefined();
  });

  it('that is too small to tell', () => {
    expect(findFrame(draw(40, 40, (x, y) => (x < 4 ? white : busy(x, y))))).toBeUndefined();
  });
});
