/** Conversion between pictures, whose values are 0..255, and images, from which the network's mean pixel is subtracted. */
import type { Image } from '../engine/engine.js';
import type { Picture } from '../image/picture.js';

type Mean = readonly number[];

export const subtractMean = (picture: Picture, mean: Mean): Image => shifted(picture, mean, -1);

export const addMean = (image: Image, mean: Mean): Picture => shifted(image, mean, 1);

/** Planes [3, H, W] plus `times` each channel's mean, as a new array. */
function shifted({ data, width, height }: Image, mean: Mean, times: number): Image {
  const plane = width * height;
  const result = new Float32Array(data.length);
  for (let c = 0; c < 3; c++) {
    const shift = times * mean[c];
    for (let i = c * plane; i < (c + 1) * plane; i++) result[i] = data[i] + shift;
  }
  return { data: result, width, height };
}
