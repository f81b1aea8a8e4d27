/** Pictures an hour over a folder of large photos, and how long nothing is painted between two of them. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { median } from './evaluation.js';
import { painting, photo } from './pictures.js';

const program = fileURLToPath(new URL('../../bin/stylize-tui.js', import.meta.url));
const count = 6;
/** As a camera makes them. */
const [width, height] = [6000, 4000];
const flags = ['--preset', 'draft', '--once', '--json', '--engine', 'onnx', '--device', 'cpu'];

export async function folder(threads, say) {
  const inbox = await mkdtemp(join(tmpdir(), 'bench-'));
  for (let i = 0; i < count; i++)
    await sharp(photo)
      .modulate({ hue: 10 * i })
      .resize(width, height, { fit: 'fill' })
      .jpeg({ quality: 90 })
      .toFile(join(inbox, `${i}.jpg`));
  const args = ['watch', inbox, '--styles', painting, ...flags, '--threads', threads];
  const { stdout } = spawnSync(process.execPath, [program, ...args.map(String)], { maxBuffer: 2 ** 28 });
  await rm(inbox, { recursive: true });
  const events = `${stdout}`
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const timesOf = (wanted) =>
    events
      .filter(({ event }) => event === wanted)
      .map(({ job, time }) => ({ job, at: Date.parse(time) / 1000 }));
  const done = timesOf('done');
  const iterations = timesOf('iteration');
  const steps = done.map(({ job }) => iterations.filter((step) => step.job === job));
  const [first, last] = [done[0], done[done.length - 1]];
  if (done.length < count) throw new Error(`of ${count} pictures ${done.length} were done`);
  // The first one waits for the engine; from its end on it goes on and on.
  const perHour = (3600 * (count - 1)) / (last.at - first.at);
  const gap = median(steps.slice(1).map(([begun], i) => begun.at - steps[i].slice(-1)[0].at));
  const share = (gap * perHour) / 3600;
  say(
    `a folder of photos of ${width}×${height}, as draft paints them: ${perHour.toFixed(0)} pictures an hour, ` +
      `${gap.toFixed(2)} s (${(100 * share).toFixed(1)} %) from a picture's last iteration to the next one's first`,
  );
  return { perHour, gap, share };
}
