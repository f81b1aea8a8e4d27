/** What `npm run bench` measures with, on tiny pictures and without its peers, which are not there everywhere. */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/bench.js', import.meta.url));

it('measures the start and the way down', async () => {
  const { stdout } = await execa(process.execPath, [
    ...[script, '--json', '--only', 'start,descent'],
    ...['--width', '64', '--evaluations', '2', '--torch', 'no-python'],
  ]);
  const { start, descent } = JSON.parse(stdout);
  expect(start.total).toBeGreaterThan(0);
  expect(descent.best).toBeGreaterThan(0);
});
