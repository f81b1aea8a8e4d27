/** Memory that runs out although there seemed to be enough. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readProvenance } from '../../src/image/xmp.js';
import type { PaintEvent } from '../../src/render/events.js';
import { cat, eventsOf, newFolder, painterOf, start, wave } from './program.js';

// The smaller scale gives time to set the limit before the larger one, which is what it does not allow.
const flags = ['--styles', wave, '--size', '400', '--scales', '2', '--iterations', '12', '--threads', '1'];
const places = ['--engine', 'onnx', '--device', 'cpu', '--json'];

/** Less than an evaluation at that size takes. */
const enough = 20e6;

/** Runs the program, and lets its first painting process have next to nothing more once it has begun. */
async function runShort(output: string, ...more: string[]) {
  const program = start('run', '--content', cat, '--output', output, ...flags, ...places, ...more);
  let told = '';
  let limited = false;
  program.stdout.on('data', (data) => {
    told += data;
    if (limited || !told.includes('"event":"started"')) return;
    limited = true;
    const child = String(painterOf(program));
    const size = /VmSize:\s+(\d+)/.exec(readFileSync(`/proc/${child}/status`, 'utf8'))![1];
    execFileSync('prlimit', ['--pid', child, `--as=${Number(size) * 1024 + enough}`]);
  });
  const { stdout, stderr, exitCode } = await program;
  expect(limited).toBe(true);
  return { events: eventsOf(stdout), stderr, exitCode };
}

const started = (events: readonly PaintEvent[]) => events.filter(({ event }) => event === 'started');

it.runIf(process.platform === 'linux')(
  'tries once more with half the pixels, unless the size is strict',
  async () => {
    const output = join(await newFolder(), 'small.png');
    const { events, stderr, exitCode } = await runShort(output);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('memory ran out');
    expect(stderr).toContain('Trying again with half the pixels.');
    expect(started(events)).toMatchObject([
      { width: 400, height: 266 },
      { width: 282, height: 188 },
    ]);
    // What it was asked for, and what it is.
    const { settings, painted } = await readProvenance(output);
    expect([settings.size, painted]).toEqual([400, { width: 282, height: 188 }]);

    const strict = await runShort(join(await newFolder(), 'none.png'), '--strict-size');
    expect(strict.exitCode).toBe(1);
    expect(started(strict.events)).toHaveLength(1);
    expect(strict.events.at(-1)).toMatchObject({
      event: 'failed',
      reason: expect.stringMatching(/memory ran out.*choose a smaller --size/),
    });
  },
);
