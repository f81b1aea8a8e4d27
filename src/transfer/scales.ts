/**
 * Coarse to fine: the picture is first painted small, where broad strokes are cheap, then enlarged and painted on.
 */

export interface Scale {
  width: number;
  height: number;
  /** Evaluations spent at this scale. */
  iterations: number;
}

/** Smaller than this the deepest layer has next to nothing to look at. */
const smallestSide = 48;

/** Share of the evaluations that the final size gets, when there are smaller scales before it. */
const finalShare = 0.4;

/**
 * Sizes from coarse to fine, each half of the next, and how `iterations` evaluations spread over them: the final size
 * gets fewer, being the dearest and only having to sharpen. Scales too small to be of use are left out.
 */
export function planScales(width: number, height: number, scales: number, iterations: number): Scale[] {
  const possible = 1 + Math.max(0, Math.floor(Math.log2(Math.min(width, height) / smallestSide)));
  const count = Math.min(scales, possible, iterations);
  const final = count === 1 ? iterations : Math.max(1, Math.round(iterations * finalShare));
  const coarse = count - 1;
  return Array.from({ length: count }, (_, index) => {
    const divisor = 2 ** (coarse - index);
    const spent = (k: number) => Math.floor(((iterations - final) * k) / coarse);
    return {
      width: Math.max(1, Math.round(width / divisor)),
      height: Math.max(1, Math.round(height / divisor)),
      iterations: index === coarse ? final : spent(index + 1) - spent(index),
    };
  });
}
