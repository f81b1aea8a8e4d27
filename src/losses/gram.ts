/**
 * The style loss of Gatys et al. 2015 ("A Neural Algorithm of Artistic Style"), and of anishathalye/neural-style: with the Gram matrix
 * G = F Fᵀ / (C·n) = S / C of a layer, and A the style's,
 *   loss = mean((G − A)²)   d loss / dS = 2/C³ · (G − A)
 * Several styles cost no more than one: Σᵢ bᵢ ‖G − Aᵢ‖² = ‖G − Ā‖² + Σᵢ bᵢ ‖Aᵢ‖² − ‖Ā‖² with Ā = Σᵢ bᵢ Aᵢ and Σ bᵢ = 1.
 */
import { blend, type Statistics, type StyleLoss } from './statistics.js';

export const gram: StyleLoss<'gram'> = {
  parts: ['gram'],
  target({ mean, second }) {
    const channels = mean.length;
    return { gram: { rows: channels, columns: channels, data: second.map((value) => value / channels) } };
  },
  compare(m, { channels, second }, target) {
    const error = m.subtract(m.divide(second, m.number(channels)), target.gram);
    return {
      loss: m.divide(m.sum(m.multiply(error, error)), m.number(channels ** 2)),
      bySecond: m.multiply(error, m.number(2 / channels ** 3)),
    };
  },
  spread(styles, shares) {
    const own = shares.reduce((sum, share, i) => sum + share * meanSquare(styles[i]), 0);
    return own - meanSquare(blend(styles, shares));
  },
  distance(second, style) {
    let sum = 0;
    for (let i = 0; i < second.length; i++) sum += (second[i] - style.second[i]) ** 2;
    return sum / style.mean.length ** 4;
  },
  contentAsShare: false,
};

/** mean(A²) */
function meanSquare({ mean, second }: Statistics): number {
  let sum = 0;
  for (const value of second) sum += value * value;
  return sum / mean.length ** 4;
}
