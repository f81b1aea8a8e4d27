import { describe, expect, it } from 'vitest';
import { EvaluationTime } from '../../src/render/evaluation-time.js';
import { stepsWithin } from '../../src/render/time-budget.js';
import { endOf, type Plan, planScales, replan } from '../../src/transfer/scales.js';

interface Machine {
  /** Seconds of an evaluation of so many pixels. */
  evaluation(pixels: number): number;
  /** Seconds of the first evaluation, and of entering a scale, on top. */
  first: number;
  entering: number;
}

const processor: Machine = { evaluation: (pixels) => 1.1e-5 * (pixels + 7000), first: 1.5, entering: 0.3 };
const card: Machine = { evaluation: (pixels) => 0.02 + 2e-8 * pixels, first: 4, entering: 0.1 };

/** Paints as stylize() does, on a machine whose clock is `seconds`. */
function paint(longest: number, within: number, { evaluation, first, entering }: Machine, threads?: number) {
  let plan: Plan = {
    begun: 0,
    scales: planScales(longest + 16, Math.round(longest * 0.67) + 16, undefined, 32),
  };
  const times = new EvaluationTime(threads);
  let [seconds, iteration, changes] = [0, 0, 0];
  for (let index = 0; index < plan.scales.length; index++) {
    const { width, height } = plan.scales[index];
    const isFinal = index === plan.scales.length - 1;
    for (let isEntering = true; ; isEntering = false, iteration++) {
      const lap =
        evaluation(width * height) + (isEntering ? (index === 0 ? first : entering * (index + 1)) : 0);
      seconds += lap;
      if (!isEntering) times.record(width * height, lap);
      else if (index > 0) times.recordEntering(width * height, lap);
      const steps = stepsWithin(within - seconds, { plan, scale: index + 1, iteration }, times);
      if (steps !== undefined) {
        plan = replan(plan, index, iteration, steps);
        changes++;
      }
      if (iteration === endOf(plan, index) - Number(!isFinal)) break;
    }
    iteration++;
  }
  return { seconds, steps: iteration - 1, changes };
}

describe('a time budget', () => {
  const sizes = [64, 96, 128, 160, 200, 256, 320, 384, 448, 512, 640, 768, 1024];

  it.each(sizes)('is kept to a tenth at %i pixels', (size) => {
    const evaluation = processor.evaluation(size * size);
    for (const evaluations of [20, 50, 200]) {
      const within = 3 + evaluation * evaluations;
      const { seconds, steps, changes } = paint(size, within, processor, 2);
      expect(Math.abs(seconds / within - 1), `${within} s`).toBeLessThan(0.1);
      expect(steps).toBeGreaterThan(evaluations / 2);
      // Each is part of the recipe.
      expect(changes).toBeLessThan(15);
    }
  });

  it('is kept on a card too, whose times at other sizes nobody knows before', () => {
    for (const size of sizes)
      expect(Math.abs(paint(size, 20, card).seconds / 20 - 1), `${size} pixels`).toBeLessThan(0.1);
  });

  it('follows a machine that gets slower', () => {
    let evaluations = 0;
    const slowing = (pixels: number) => processor.evaluation(pixels) * (evaluations++ > 30 ? 3 : 1);
    const { seconds } = paint(256, 60, { ...processor, evaluation: slowing }, 2);
    expect(Math.abs(seconds / 60 - 1)).toBeLessThan(0.1);
  });

  it('leaves a painting the least that makes one', () => {
    expect(paint(512, 1, processor, 2)).toMatchObject({ steps: 8 });
  });
});
