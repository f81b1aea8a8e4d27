import sharp from 'sharp';
import { expect, it } from 'vitest';
import { trimmed, withBleed } from '../../src/image/bleed.js';
import { interleavedToPlanes } from '../../src/image/planes.js';

const pixels = Uint8Array.from({ length: 3 * 7 * 5 }, (_, i) => (i * 37) % 251);
const picture = interleavedToPlanes(pixels, 7, 5, 3);

it("mirrors what is there, as sharp's extend does", async () => {
  const [width, height] = [13, 11];
  const extended = await sharp(pixels, { raw: { width: 7, height: 5, channels: 3 } })
    .extend({ top: 3, bottom: 3, left: 3, right: 3, extendWith: 'mirror' })
    .raw()
    .toBuffer();
  expect(withBleed(picture, 3)).toEqual(interleavedToPlanes(extended, width, height, 3));
});

it('is cut off again to the same picture, even where it is wider than that', () => {
  for (const bleed of [0, 1, 3, 20]) expect(trimmed(withBleed(picture, bleed), bleed)).toEqual(picture);
});

it('goes around masks too', () => {
  const mask = { data: Float32Array.from([0, 1]), width: 2, height: 1 };
  expect(withBleed(mask, 1)).toEqual({
    data: Float32Array.from([0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1]),
    width: 4,
    height: 3,
  });
});
