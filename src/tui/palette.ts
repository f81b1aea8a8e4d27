/** The sixteen ANSI colors, with the RGB values that most terminals use. */

const sixteen: readonly (readonly [code: number, r: number, g: number, b: number])[] = [
  [30, 0, 0, 0],
  [31, 170, 0, 0],
  [32, 0, 170, 0],
  [33, 170, 85, 0],
  [34, 0, 0, 170],
  [35, 170, 0, 170],
  [36, 0, 170, 170],
  [37, 170, 170, 170],
  [90, 85, 85, 85],
  [91, 255, 85, 85],
  [92, 85, 255, 85],
  [93, 255, 255, 85],
  [94, 85, 85, 255],
  [95, 255, 85, 255],
  [96, 85, 255, 255],
  [97, 255, 255, 255],
];

/** A 4×4 Bayer matrix for ordered dithering. */
const order = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5];
/** Grey levels between the lowest and the highest dithering threshold. */
const spread = 80;

/** The foreground code of the nearest color after dithering. */
export function nearestOfSixteen(r: number, g: number, b: number, x: number, y: number): number {
  const shift = ((order[4 * (y % 4) + (x % 4)] + 0.5) / 16 - 0.5) * spread;
  const distance = ([, r16, g16, b16]: (typeof sixteen)[number]) =>
    (r + shift - r16) ** 2 + (g + shift - g16) ** 2 + (b + shift - b16) ** 2;
  return sixteen.reduce((best, color) => (distance(color) < distance(best) ? color : best))[0];
}
