/** Total variation: how much neighboring pixels differ. Cheap enough for plain JavaScript. */

/**
 * tv = mean(dy²) + mean(dx²) over all channels, as in Gatys-style programs. Adds weight · d tv / d image to
 * `gradient` [3, H, W] and returns tv, unweighted.
 * @param image [3, H, W]
 */
export function addTotalVariation(
  { data, height, width }: { data: Float32Array; height: number; width: number },
  weight: number,
  gradient: Float32Array,
): number {
  const countY = 3 * (height - 1) * width;
  const countX = 3 * height * (width - 1);
  const slopeY = (2 * weight) / countY;
  const slopeX = (2 * weight) / countX;
  let sumY = 0;
  let sumX = 0;
  for (let row = 0; row < 3 * height; row++) {
    const start = row * width;
    for (let i = start + 1; i < start + width; i++) {
      const dx = data[i] - data[i - 1];
      sumX += dx * dx;
      gradient[i] += slopeX * dx;
      gradient[i - 1] -= slopeX * dx;
    }
    if (row % height === 0) continue; // the first row of a channel has none above
    for (let i = start; i < start + width; i++) {
      const dy = data[i] - data[i - width];
      sumY += dy * dy;
      gradient[i] += slopeY * dy;
      gradient[i - width] -= slopeY * dy;
    }
  }
  return sumY / countY + sumX / countX;
}
