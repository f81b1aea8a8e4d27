/** A child that hangs, blocks or dies costs its job an attempt and nothing else. */
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import type { Outcome, RenderJob } from '../../src/render/messages.js';
import { Renderer } from '../../src/render/renderer.js';

const child = fileURLToPath(new URL('./unruly-child.mjs', import.meta.url));

const renderers: Renderer[] = [];
afterAll(() => Promise.all(renderers.map((renderer) => renderer.close())));

/** Paints with one renderer, whose patience is longer than a process takes to start and shorter than one rests. */
function open() {
  const renderer = new Renderer({ engine: 'onnx', device: 'cpu' }, { patience: 4000, child });
  renderers.push(renderer);
  return (source: string) => renderer.render({ source, settings: { size: 64 } } as RenderJob, () => {});
}

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it.concurrent.each(['hangs', 'blocks'])('ends a child that %s, and paints with another one', async (what) => {
  const render = open();
  const { output: first } = (await render('paints')) as Outcome & { type: 'done' };
  expect(isRunning(Number(first))).toBe(true);
  const outcome = await render(what);
  expect(outcome).toMatchObject({ type: 'failed', retryable: true });
  expect(outcome).toMatchObject({
    reason: expect.stringMatching(/SIGKILL: it made no progress for too long/),
  });
  expect(isRunning(Number(first))).toBe(false);
  const again = (await render('paints')) as Outcome & { type: 'done' };
  expect(again.type).toBe('done');
  expect(again.output).not.toBe(first);
});

it.concurrent('tells the last words of a child that died', async () => {
  expect(await open()('dies')).toMatchObject({
    type: 'failed',
    reason: 'the painting process ended with code 3: out of paint',
    retryable: true,
  });
});

it.concurrent('leaves a child alone that says it rests', async () => {
  expect(await open()('rests')).toEqual({ type: 'skipped' });
});
