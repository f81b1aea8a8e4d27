/**
 * Workers of a shared queue that sleep in place of painting, and hand in tiny pictures with the right recipe.
 * Arguments: address of the server, store, number of workers, seconds for each picture.
 */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FolderStore, keys } from '#dist/cluster/file-store.js';
import { keyOf } from '#dist/cluster/job-data.js';
import { SharedQueue } from '#dist/cluster/shared-queue.js';
import { encode } from '#dist/image/encode.js';
import { toXmp } from '#dist/image/xmp.js';
import { eventsVersion } from '#dist/render/events.js';
import { hashFile } from '#dist/util/hash.js';

const [url, folder, count, seconds] = process.argv.slice(2);
const store = new FolderStore(folder);
const scratch = await mkdtemp(join(tmpdir(), 'sleeping-'));
const losses = { total: 1, tv: 0, content: {}, style: {} };
const picture = { width: 8, height: 8, data: new Float32Array(3 * 64) };

/** @type {NonNullable<import('#dist/cluster/shared-queue.js').SharedQueueOptions['handIn']>} */
const handIn = async ({ job, token }, { seconds }) => {
  const { recipe, source, sourceHash } = job;
  const { settings, network, files } = recipe;
  const from = { program: 'bench', engine: 'none', device: 'none', content: source, settings, network };
  const xmp = toXmp({
    ...from,
    files: { ...files, [source]: sourceHash },
    iterations: 1,
    history: [],
    losses,
  });
  const path = join(scratch, `${token}.jpg`);
  await writeFile(path, await encode(picture, { format: 'jpeg', xmp }));
  const key = keys.result(keyOf(job.id), token);
  await store.put(key, path);
  const hash = await hashFile(path);
  return {
    key,
    hash,
    extension: '.jpg',
    seconds,
    iterations: 1,
    ended: 'iterations',
    losses,
    worker: 'bench',
  };
};

async function work(i) {
  const address = /** @type {const} */ ({ kind: 'redis', url, shown: url });
  const queue = await SharedQueue.open({
    address,
    name: 'stylize-tui',
    worker: `${process.pid}-${i}`,
    handIn,
  });
  while (true) {
    const claim = await queue.claim(60_000);
    if (!claim) {
      await sleep(1000);
      continue;
    }
    const { id, source, recipe } = claim.job;
    const about = { time: new Date().toISOString(), job: id, source };
    const { settings, layers } = recipe;
    const { contentWeight, styleWeight, tvWeight } = settings;
    const weights = { content: contentWeight, style: styleWeight, tv: tvWeight, blend: [1] };
    const size = { width: 8, height: 8 };
    const fixed = {
      slot: 1,
      output: 'x.jpg',
      scales: 1,
      iterations: 10,
      styles: settings.styles,
    };
    queue.publish({
      event: 'started',
      version: eventsVersion,
      ...about,
      ...fixed,
      ...size,
      layers,
      weights,
      engine: 'none',
      device: 'none',
    });
    for (let second = 1; second <= Number(seconds); second++) {
      await sleep(1000);
      const at = { iteration: second, iterations: Number(seconds), scale: 1, scales: 1, scaleEnds: [] };
      const times = { seconds: second, secondsLeft: Number(seconds) - second };
      queue.publish({ event: 'iteration', ...about, ...at, ...size, ...times, losses, weights });
      if (second % 15 === 0) await queue.renew(claim, 60_000);
    }
    await queue.complete(claim, { output: '', seconds: Number(seconds), losses });
  }
}

for (let i = 0; i < Number(count); i++) void work(i);
