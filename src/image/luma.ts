/** Luma Y′ of Rec. 601, as JPEG has it: how bright a color looks. In the unit of its red, green and blue. */
export const lumaOf = (red: number, green: number, blue: number): number =>
  0.299 * red + 0.587 * green + 0.114 * blue;

/** Luma of one pixel of planes [3, H·W]. */
export function lumaAt(planes: Float32Array, pixel: number): number {
  const plane = planes.length / 3;
  return lumaOf(planes[pixel], planes[plane + pixel], planes[2 * plane + pixel]);
}
