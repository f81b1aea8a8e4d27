import { describe, expect, it } from 'vitest';
import { EvaluationTime } from '../../src/render/evaluation-time.js';
import { secondsOf } from '../../src/render/stopwatch.js';
import { endOf, type Plan } from '../../src/transfer/scales.js';

/** Measured on two cores: pixels with their bleed, evaluations, and seconds of the first and of each other one. */
const measured = {
  draft: [
    { width: 100, height: 68, iterations: 2, first: 2.05, each: 0.193 },
    { width: 200, height: 136, iterations: 3, first: 0.83, each: 0.45 },
    { width: 400, height: 272, iterations: 5, first: 1.65, each: 1.209 },
  ],
  tall: [
    { width: 116, height: 79, iterations: 6, first: 2.19, each: 0.192 },
    { width: 232, height: 157, iterations: 6, first: 0.86, each: 0.489 },
    { width: 464, height: 314, iterations: 12, first: 1.89, each: 1.588 },
  ],
  gram: [
    { width: 79, height: 54, iterations: 10, first: 1.4, each: 0.122 },
    { width: 158, height: 108, iterations: 10, first: 0.49, each: 0.217 },
    { width: 316, height: 216, iterations: 20, first: 0.89, each: 0.706 },
  ],
  oneScale: [{ width: 216, height: 149, iterations: 40, first: 1.48, each: 0.449 }],
};

/** Estimates after each evaluation of a painting, with the seconds that really remained. */
function estimates(scales: typeof measured.draft, times: EvaluationTime) {
  const plan: Plan = { begun: 0, scales };
  const laps = scales.flatMap(({ width, height, iterations, first, each }, index) =>
    Array.from({ length: iterations + Number(index === scales.length - 1) }, (_, i) => {
      const iteration = endOf(plan, index - 1) + i;
      return { index, iteration, isFirst: i === 0, pixels: width * height, seconds: i === 0 ? first : each };
    }),
  );
  let left = laps.reduce((sum, { seconds }) => sum + seconds, 0);
  return laps.map(({ index, iteration, isFirst, pixels, seconds }) => {
    left -= seconds;
    if (!isFirst) times.record(pixels, seconds);
    else if (index > 0) times.recordEntering(pixels, seconds);
    return { left, scale: index + 1, estimate: secondsOf(plan, index + 1, iteration, times) };
  });
}

describe('the time left', () => {
  it.each(Object.entries(measured))('is within a quarter once it is told: %s', (_, scales) => {
    const told = estimates(scales, new EvaluationTime(2)).filter(({ estimate }) => estimate?.isKnown);
    // After the first evaluation of all, which measures the targets too.
    expect(told).toHaveLength(scales.reduce((sum, { iterations }) => sum + iterations, 0));
    for (const { left, estimate } of told.slice(0, -1)) {
      expect(estimate!.seconds).toBeGreaterThan(0.75 * left);
      expect(estimate!.seconds).toBeLessThan(1.25 * left);
    }
    expect(told.at(-1)!.estimate!.seconds).toBe(0);
  });

  it('is not told on a card until it has painted at two sizes, or at the only one', () => {
    const scales = [
      { width: 100, height: 68, iterations: 4, first: 3, each: 0.01 },
      { width: 200, height: 136, iterations: 4, first: 0.1, each: 0.011 },
      { width: 400, height: 272, iterations: 8, first: 0.1, each: 0.015 },
    ];
    const card = new EvaluationTime(undefined);
    const first = estimates(scales, card);
    expect(first.find(({ estimate }) => estimate?.isKnown)?.scale).toBe(2);
    for (const { left, estimate } of first.filter(({ scale }) => scale === 3).slice(1, -1))
      expect(Math.abs(estimate!.seconds / left - 1)).toBeLessThan(0.25);
    // The next painting knows at once.
    expect(estimates(scales, card)[0].estimate?.isKnown).toBe(true);
    const alone = estimates(measured.oneScale, new EvaluationTime(undefined));
    expect(alone[1].estimate).toMatchObject({ isKnown: true });
  });

  it('follows the machine when it gets slower', () => {
    const times = new EvaluationTime(2);
    for (let i = 0; i < 100; i++) times.record(10_000, 1);
    for (let i = 0; i < 10; i++) times.record(10_000, 3);
    expect(times.estimate(10_000)?.seconds).toBe(3);
  });
});
