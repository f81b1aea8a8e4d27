/** Which place is chosen, with the places' trials made up: speeds, gradients and failures as wanted. */
import { mkdtemp } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Candidate } from '../../src/engine/candidates.js';
import type { Placement } from '../../src/engine/placement.js';
import type { TrialResult } from '../../src/engine/trial.js';

let places: Candidate[];
let results: Record<string, TrialResult>;
let tried: string[];

vi.mock('../../src/engine/candidates.js', async (original) => ({
  ...(await original<object>()),
  candidates: async () => places,
}));
vi.mock('../../src/engine/trial.js', async (original) => ({
  ...(await original<object>()),
  tryPlacement: async ({ engine, device }: Placement, { timed = true } = {}) => {
    tried.push(`${engine} ${device}${timed ? '' : ' quickly'}`);
    return results[`${engine} ${device}`];
  },
}));

const good = (seconds: number, off = 0): TrialResult => ({
  gradient: Float32Array.of(1 + off, 2, 3),
  seconds,
});
const onnx = (device: string, missing?: Candidate['missing']): Candidate => ({
  engine: 'onnx',
  device,
  missing,
});
const lacking = { what: 'it is not installed', fix: 'install it' };

/** As a start of the program. */
async function choose(wanted: {
  engine?: 'auto' | 'onnx' | 'tensorflow';
  device?: string[];
  slots?: number;
}) {
  vi.resetModules();
  const { choosePlacements } = await import('../../src/engine/choose.js');
  const lines: string[] = [];
  const chosen = await choosePlacements({ engine: 'auto', device: ['auto'], ...wanted }, (line) =>
    lines.push(line),
  );
  return { names: chosen.map(({ engine, device }) => `${engine} ${device}`), chosen, lines };
}

beforeEach(async () => {
  vi.stubEnv('XDG_CACHE_HOME', await mkdtemp(join(tmpdir(), 'choose-')));
  places = [onnx('cpu'), onnx('webgpu')];
  results = { 'onnx cpu': good(0.5), 'onnx webgpu': good(0.1) };
  tried = [];
});

it('takes the fastest, and remembers what it found out', async () => {
  expect((await choose({})).names).toEqual(['onnx webgpu']);
  tried = [];
  expect((await choose({})).names).toEqual(['onnx webgpu']);
  expect(tried).toEqual(['onnx webgpu quickly']);
});

it('stays on the processor where that is the fastest, or all there is', async () => {
  results['onnx webgpu'] = good(0.9);
  expect((await choose({})).names).toEqual(['onnx cpu']);
  vi.stubEnv('XDG_CACHE_HOME', await mkdtemp(join(tmpdir(), 'choose-')));
  results['onnx webgpu'] = { reason: 'no adapter' };
  tried = [];
  expect((await choose({})).names).toEqual(['onnx cpu']);
  // There is nothing to compare its speed with.
  expect(tried).toEqual(['onnx webgpu']);
});

it('refuses a place whose numbers are not the processor’s', async () => {
  results['onnx webgpu'] = good(0.1, 0.1);
  expect((await choose({})).names).toEqual(['onnx cpu']);
  await expect(choose({ device: ['webgpu'] })).rejects.toThrow(
    /--device webgpu: cannot be used here: its gradient/,
  );
});

it('falls back with a line that says why', async () => {
  await choose({});
  results['onnx webgpu'] = { reason: 'the driver is gone' };
  const { names, lines } = await choose({});
  expect(names).toEqual(['onnx cpu']);
  expect(lines).toEqual(['onnx webgpu cannot be used now: the driver is gone. Painting with onnx cpu.']);
});

it('paints on every card of the fastest kind, and spreads slots over them', async () => {
  places.push(onnx('cuda:0'), onnx('cuda:1'));
  results['onnx cuda:0'] = results['onnx cuda:1'] = good(0.01);
  expect((await choose({})).names).toEqual(['onnx cuda:0', 'onnx cuda:1']);
  const { names } = await choose({ slots: 3 });
  expect(names).toEqual(['onnx cuda:0', 'onnx cuda:1', 'onnx cuda:0']);
});

it('shares the processor’s cores among slots', async () => {
  const { chosen } = await choose({ device: ['cpu'], slots: 2 });
  const threads = Math.max(1, Math.floor(availableParallelism() / 2));
  expect(chosen).toEqual(Array(2).fill({ engine: 'onnx', device: 'cpu', threads }));
});

it('takes what is asked for, or says what it lacks', async () => {
  places.push({ engine: 'tensorflow', device: 'cpu' }, onnx('cuda:0', lacking), onnx('tensorrt:0'));
  results['tensorflow cpu'] = good(0.4);
  results['onnx tensorrt:0'] = good(0.001);
  expect((await choose({ engine: 'tensorflow' })).names).toEqual(['tensorflow cpu']);
  expect((await choose({ device: ['cpu'] })).names).toEqual(['tensorflow cpu']);
  expect((await choose({ device: ['webgpu', 'cpu'] })).names).toEqual(['onnx webgpu', 'tensorflow cpu']);
  // It takes minutes to get ready, so only where it is named.
  expect((await choose({})).names).toEqual(['onnx webgpu']);
  expect((await choose({ device: ['tensorrt:0'] })).names).toEqual(['onnx tensorrt:0']);
  await expect(choose({ device: ['cuda:0'] })).rejects.toThrow(
    /--device cuda:0: it is not installed: install it/,
  );
  await expect(choose({ device: ['xpu'] })).rejects.toThrow(/--device xpu: there is no such device/);
  places = [{ engine: 'tensorflow', device: 'cpu', missing: lacking }];
  await expect(choose({ engine: 'tensorflow' })).rejects.toThrow(
    /--engine tensorflow: it is not installed: install it/,
  );
});
