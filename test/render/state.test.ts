import { mkdtemp, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { Checkpointer } from '../../src/render/checkpointer.js';
import { readState, type Saved, writeState } from '../../src/render/state.js';

let path: string;
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'state-')), 'a.state');
});

const array = (start: number) => Float32Array.from({ length: 12 }, (_, i) => start + i / 7);
const image = (start: number) => ({ data: array(start), width: 2, height: 2 });
const losses = { total: 3.5, tv: 0.5, content: { relu4_2: 1 }, style: { relu1_1: 2 } };
const weights = { content: 5, style: 5000, tv: 100, blend: [0.7, 0.3] };
const saved: Saved = {
  state: {
    iteration: 40,
    plan: { begun: 0, scales: [{ width: 2, height: 2, iterations: 90 }] },
    scale: 1,
    trail: [7.5, 5.25, 3.5],
    weights,
    image: image(-100),
    best: { image: image(7), gradient: array(0.001), losses },
    optimizer: { numbers: { first: 1.5 }, arrays: { s0: array(1), y0: array(2), image: array(3) } },
  },
  history: [
    { iteration: 12, weights },
    { iteration: 20, iterations: 90, again: true },
  ],
  seconds: 61.25,
};

it('comes back as it was', async () => {
  await writeState(path, 'photo settings', saved);
  expect(await readState(path, 'photo settings')).toEqual(saved);
  await writeState(path, 'photo settings', { ...saved, seconds: 90 });
  expect((await readState(path, 'photo settings'))?.seconds).toBe(90);
});

it('is never another painting’s, nor that of a damaged file', async () => {
  expect(await readState(path, 'photo settings')).toBeUndefined();
  await writeState(path, 'photo settings', saved);
  expect(await readState(path, 'other settings')).toBeUndefined();
  const whole = await readFile(path);
  for (const length of [0, 5, 300, whole.length - 1]) {
    await writeFile(path, whole);
    await truncate(path, length);
    expect(await readState(path, 'photo settings')).toBeUndefined();
  }
  await writeFile(path, 'something else entirely, and long enough');
  expect(await readState(path, 'photo settings')).toBeUndefined();
});

it('is gone on with at the same size only: after a crash memory may allow a smaller one', async () => {
  await writeState(path, 'photo settings', saved);
  const read = (width: number, height: number) => {
    const job = { state: path, sourceHash: 'photo', hash: 'settings' };
    return new Checkpointer(job, { width, height }, () => {}).read();
  };
  expect((await read(2, 2))?.state.iteration).toBe(40);
  expect(await read(4, 2)).toBeUndefined();
  expect(await read(2, 4)).toBeUndefined();
});
