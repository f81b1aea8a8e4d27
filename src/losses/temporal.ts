/**
 * How far a painting is from that of the frame before, where nothing moved (Ruder et al. 2016, "Artistic style transfer for
 * videos"). Cheap enough for plain JavaScript.
 */

/** What a frame should keep of the frame before. */
export interface Kept {
  /** The painting of the frame before, moved along with what moved, [3, H, W]. */
  painting: Float32Array;
  /** How much each pixel of it counts, [H·W]: 0 (not at all) to 1. */
  still: Float32Array;
}

/**
 * temporal = mean(still · (image − painting)²) over all channels. Adds weight · d temporal / d image to `gradient` [3, H, W]
 * and returns temporal, unweighted.
 * @param image [3, H, W], with the same mean subtracted as the painting
 */
export function addTemporal(
  image: Float32Array,
  { painting, still }: Kept,
  weight: number,
  gradient: Float32Array,
): number {
  const slope = (2 * weight) / image.length;
  let total = 0;
  for (let i = 0; i < image.length; i++) {
    const difference = image[i] - painting[i];
    const counted = still[i % still.length] * difference;
    total += counted * difference;
    gradient[i] += slope * counted;
  }
  return total / image.length;
}
