/**
 * How long an evaluation takes at each size, from those that were timed: seconds = rate × (pixels + overhead). The overhead,
 * what an evaluation takes at any size, is expressed in pixels.
 */

export interface Estimate {
  seconds: number;
  /** Whether it is likely to be within a quarter; otherwise it is a guess. */
  isKnown: boolean;
}

/** Latest evaluations that count, since the speed changes with what else the machine does. */
const latest = 10;
/** Sizes that are kept: photos of many shapes may be painted, for weeks. */
const sizes = 8;

/**
 * The overhead on one thread of a processor. With more threads, pixels take less time and the overhead as much as before. On a
 * card it can be anything.
 */
const overheadOfThread = 4000;
/** The measured overhead is within this factor of the usual one: two sizes alone, measured on a busy machine, say little. */
const trust = 2;

export class EvaluationTime {
  /** Seconds of the latest evaluations by number of pixels, latest size last. */
  private readonly timed = new Map<number, number[]>();
  private readonly usual: number | undefined;
  /** Seconds that it took to enter a scale, the last time: the picture is enlarged. */
  private entering: number | undefined;

  /** @param threads of the processor; undefined for a card */
  constructor(threads: number | undefined) {
    this.usual = threads === undefined ? undefined : threads * overheadOfThread;
  }

  /** Records an evaluation of so many pixels. */
  record(pixels: number, seconds: number): void {
    const before = this.timed.get(pixels) ?? [];
    this.timed.delete(pixels);
    this.timed.set(pixels, [...before, seconds].slice(-latest));
    const [oldest] = this.timed.keys();
    if (this.timed.size > sizes) this.timed.delete(oldest);
  }

  /** Records the first evaluation at a scale, which includes enlarging the picture. */
  recordEntering(pixels: number, seconds: number): void {
    const evaluation = this.estimate(pixels)?.seconds;
    if (evaluation !== undefined) this.entering = Math.max(0, seconds - evaluation);
  }

  /** Of an evaluation; undefined if none was timed. */
  estimate(pixels: number): Estimate | undefined {
    const [nearest] = [...this.timed].at(-1) ?? [];
    if (nearest === undefined) return undefined;
    const seconds = mean(this.timed.get(nearest)!);
    if (pixels === nearest) return { seconds, isKnown: true };
    const overhead = this.overhead();
    // Without any idea of the overhead, every size takes as long.
    const ratio = overhead === undefined ? 1 : (pixels + overhead) / (nearest + overhead);
    return { seconds: seconds * ratio, isKnown: overhead !== undefined };
  }

  /** Of entering a scale of so many pixels; undefined if no evaluation was timed. */
  estimateEntering(pixels: number): number | undefined {
    const evaluation = this.estimate(pixels)?.seconds;
    return this.entering ?? (evaluation === undefined ? undefined : evaluation / 2);
  }

  /** In pixels; undefined if there is no telling. */
  private overhead(): number | undefined {
    const points = [...this.timed].sort(([a], [b]) => a - b);
    const [small, large] = [points[0], points[points.length - 1]];
    if (!small || small[0] * 2 > large[0]) return this.usual;
    const [fast, slow] = [mean(small[1]), mean(large[1])];
    const measured = (fast * large[0] - slow * small[0]) / (slow - fast);
    // Times that do not grow with the size are all overhead.
    const overhead = slow > fast ? Math.max(0, measured) : 100 * large[0];
    if (this.usual === undefined) return overhead;
    return Math.min(trust * this.usual, Math.max(this.usual / trust, overhead));
  }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
