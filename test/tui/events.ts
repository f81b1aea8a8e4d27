/** Events for the screen's tests. */
import type { PaintEvent } from '../../src/render/events.js';
import { initialState, reduce, type ScreenState } from '../../src/tui/state.js';

export const weights = { content: 5, style: 5000, tv: 100, blend: [0.7, 0.3] };
export const losses = {
  total: 10,
  tv: 1,
  content: { relu4_2: 4 },
  style: { relu1_1: 2, relu2_1: 3 },
  styles: { relu1_1: [1.5, 0.5], relu2_1: [1, 2] },
};
export const ofJob = (job: number, source = `/in/photo-${job}.jpg`) => ({
  time: '2026-01-01T00:00:00Z',
  job,
  source,
});
export const started = (job: number, slot = 1): PaintEvent => ({
  event: 'started',
  version: 2,
  ...ofJob(job),
  slot,
  output: `/out/photo-${job}.jpg`,
  width: 512,
  height: 341,
  scales: 2,
  iterations: 130,
  styles: ['/s/starry-night.jpg', '/s/the-scream.jpg'],
  layers: { content: { relu4_2: 1 }, style: { relu1_1: 0.5, relu2_1: 0.5 } },
  weights,
  engine: 'onnx',
  device: 'cpu, 2 threads',
});
export const iteration = (job: number, n: number): PaintEvent => ({
  event: 'iteration',
  ...ofJob(job),
  iteration: n,
  iterations: 130,
  scale: 1,
  scales: 2,
  scaleEnds: [78],
  width: 256,
  height: 171,
  seconds: 32,
  secondsLeft: 70,
  losses,
  weights,
});
export const working = (job: number, share: number): PaintEvent => ({
  event: 'working',
  ...ofJob(job),
  share,
  seconds: 45,
});
export const follow = (events: PaintEvent[], from: ScreenState = initialState) =>
  events.reduce((state, event) => reduce(state, { type: 'event', event }), from);
export const done = (job: number): PaintEvent => ({
  event: 'done',
  ...ofJob(job),
  output: `/out/photo-${job}.jpg`,
  seconds: 9,
  iterations: 130,
  ended: 'iterations',
  losses,
});
