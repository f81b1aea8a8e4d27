/**
 * Metrics of common artifacts in paintings, for tables and tests. They show where to look and do not replace looking.
 */
import { blur } from './blur.js';
import { lumaAt } from './luma.js';
import type { Picture } from './picture.js';
import { powerWithin, spectrum, type Wave } from './spectrum.js';

export interface Flaws {
  /** Lone pixels far lighter or darker than all around them: how many in a million. */
  specks: number;
  /** How much one of the four edges differs in color from what lies next to it, at most, in gray levels. */
  rim: number;
  /** Share of the pixels with a channel at 0 or 255, where shades are lost. */
  clipped: number;
  /**
   * Contrast of fine horizontal and vertical lines beside that of fine lines in all directions: 1 where no direction
   * is preferred. Photos of buildings, and paintings of long strokes along the frame, have more, too.
   */
  weave: number;
  /**
   * Share of the picture that is covered with fine lines of one width and strength, like fingerprints or brain coral,
   * beyond the style's share. Those of a weave count, too.
   */
  worms?: number;
  /** Rainbows along strokes: contrast of color beside that of luma, a few pixels wide, in multiples of the style's. */
  fringes?: number;
  /** Share of the pixels that are as good as black, beyond the larger of the style's and the photo's share. */
  crushed?: number;
}

/** What a painting was made of; the style at the size it was painted with, as textures are compared pixel for pixel. */
export interface Models {
  style?: Picture;
  photo?: Picture;
}

/** Gray levels between a speck and its surroundings. */
const speckContrast = 48;

/** A speck is a pixel or two; a line through 5×5 pixels has five. */
const largestSpeck = 2;

/** The outermost pixels, and those next to them. */
const rimWidth = 2;
const besideWidth = 6;

/** Wavelengths of a weave, in pixels. */
const weaveWavelengths = [2.5, 4] as const;

/** Lines within so many degrees of an axis are a weave's. */
const weaveAngle = 4;

/** Lines of 1 to 3 pixels are what is left between these two blurs, given as standard deviations in pixels. */
const wormBlurs = [0.5, 1.2] as const;

/** Worms are looked for around each pixel, within a Gaussian of this standard deviation in pixels. */
const wormWindow = 4;

/** Kurtosis below which a texture is too even: a wave has 1.5, brush strokes mostly 3 and more. */
const evenKurtosis = 2.5;

/** Root mean square, in gray levels, from which texture is seen. */
const visibleContrast = 1;

/** Wavelengths of color fringes, in pixels. */
const fringeWavelengths = [6, 16] as const;

/** Gray levels below which a pixel is black to the eye, in all channels. */
const black = 8;

/** Flaws that are measured beside style or photo are left out where these are. */
export function findFlaws(picture: Picture, { style, photo }: Models = {}): Flaws {
  const painting = look(picture);
  const model = style && look(style);
  return {
    specks: specks(painting),
    rim: rim(picture),
    clipped: clipped(picture),
    weave: weave(painting),
    worms: model && Math.max(0, evenShare(painting) - evenShare(model)),
    fringes: model && colorContrast(painting) / colorContrast(model),
    crushed:
      style && photo && Math.max(0, blackShare(picture) - Math.max(blackShare(style), blackShare(photo))),
  };
}

/** A picture with what several flaws are found in. */
interface Look extends Picture {
  /** [H·W] */
  luma: Float32Array;
  /** Of luma. */
  waves: readonly Wave[];
}

function look(picture: Picture): Look {
  const { data, width, height } = picture;
  const luma = new Float32Array(width * height);
  for (let i = 0; i < luma.length; i++) luma[i] = lumaAt(data, i);
  return { ...picture, luma, waves: spectrum(luma, width, height) };
}

function specks({ luma, width, height }: Look): number {
  const plane = width * height;
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const own = luma[y * width + x];
      const around: number[] = [];
      for (let v = Math.max(0, y - 2); v <= Math.min(height - 1, y + 2); v++)
        for (let u = Math.max(0, x - 2); u <= Math.min(width - 1, x + 2); u++)
          around.push(luma[v * width + u]);
      const alike = around.filter((value) => Math.abs(value - own) <= speckContrast / 2).length;
      if (alike > largestSpeck) continue;
      around.sort((a, b) => a - b);
      if (Math.abs(own - around[around.length >> 1]) > speckContrast) count++;
    }
  }
  return (1e6 * count) / plane;
}

/** Each edge by its mean color: what is in the picture there evens out, a rim does not. */
function rim(picture: Picture): number {
  const { width, height } = picture;
  const sides = [
    (from: number, to: number) => mean(picture, 0, width, from, to),
    (from: number, to: number) => mean(picture, 0, width, height - to, height - from),
    (from: number, to: number) => mean(picture, from, to, 0, height),
    (from: number, to: number) => mean(picture, width - to, width - from, 0, height),
  ];
  return Math.max(
    ...sides.map((side) => {
      const outer = side(0, rimWidth);
      const inner = side(rimWidth, rimWidth + besideWidth);
      return Math.max(...outer.map((value, c) => Math.abs(value - inner[c])));
    }),
  );
}

/** Mean red, green and blue of a part: columns from left to right, rows from top to bottom. */
function mean(
  { data, width, height }: Picture,
  left: number,
  right: number,
  top: number,
  bottom: number,
): number[] {
  return [0, 1, 2].map((c) => {
    let sum = 0;
    for (let y = top; y < bottom; y++)
      for (let x = left; x < right; x++) sum += data[(c * height + y) * width + x];
    return sum / ((right - left) * (bottom - top));
  });
}

const clipped = (picture: Picture) =>
  shareOf(picture, (channels) => channels.some((value) => value <= 0 || value >= 255));

const blackShare = (picture: Picture) =>
  shareOf(picture, (channels) => channels.every((value) => value < black));

/** Share of the pixels whose red, green and blue are so. */
function shareOf({ data, width, height }: Picture, areSo: (channels: readonly number[]) => boolean): number {
  const plane = width * height;
  let count = 0;
  for (let i = 0; i < plane; i++) if (areSo([data[i], data[plane + i], data[2 * plane + i]])) count++;
  return count / plane;
}

function weave({ waves }: Look): number {
  const [from, to] = weaveWavelengths;
  const fine = waves.filter(({ wavelength }) => wavelength >= from && wavelength <= to);
  return meanPower(fine.filter(isAlongAxis)) / meanPower(fine);
}

function isAlongAxis({ across, down }: Wave): boolean {
  const degrees = (180 / Math.PI) * Math.atan2(Math.min(across, down), Math.max(across, down));
  return degrees <= weaveAngle;
}

const meanPower = (waves: readonly Wave[]) => total(waves, 'power') / total(waves, 'count');

const total = (waves: readonly Wave[], what: 'power' | 'count') =>
  waves.reduce((sum, wave) => sum + wave[what], 0);

/**
 * Share of the pixels with even texture around them. Strokes of a brush begin and end, and are stronger and weaker: most
 * of the fine detail around a pixel is weak, some is strong, and its kurtosis (mean fourth power by mean square,
 * squared) is high. Worms are as strong everywhere.
 */
function evenShare({ luma, width, height }: Look): number {
  const [finer, coarser] = wormBlurs.map((deviation) => blur(luma, width, height, deviation));
  const detail = finer.map((value, i) => value - coarser[i]);
  const around = (values: Float32Array) => blur(values, width, height, wormWindow);
  const second = around(detail.map((value) => value ** 2));
  const fourth = around(detail.map((value) => value ** 4));
  const even = second.filter(
    (square, i) => square >= visibleContrast ** 2 && fourth[i] < evenKurtosis * square ** 2,
  );
  return even.length / second.length;
}

/** Contrast of chroma (Cb and Cr of Rec. 601, as JPEG has them) beside that of luma. */
function colorContrast({ data, luma, waves, width, height }: Look): number {
  const plane = width * height;
  const cb = luma.map((value, i) => 0.564 * (data[2 * plane + i] - value));
  const cr = luma.map((value, i) => 0.713 * (data[i] - value));
  const [ofLuma, ofCb, ofCr] = [waves, spectrum(cb, width, height), spectrum(cr, width, height)].map((of) =>
    powerWithin(of, ...fringeWavelengths),
  );
  return (ofCb + ofCr) / ofLuma;
}
