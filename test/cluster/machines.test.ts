/** Two programs with one queue: the owner of an outbox, and a worker. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { serverKind } from '../../scripts/servers.js';
import type { Result } from '../../src/cluster/job-data.js';
import { type Ending, SharedQueue, type SharedQueueOptions } from '../../src/cluster/shared-queue.js';
import type { QueuedJob } from '../../src/queue/queue.js';
import { eventsVersion, type PaintEvent, type Preview } from '../../src/render/events.js';
import { photo } from '../queue/conformance.js';
import { recipeOf } from '../queue/recipes.js';

const lease = 60_000;
const losses = { total: 1, tv: 1, content: {}, style: {} };
const result: Result = {
  ...{ key: 'results/x/y', hash: 'a'.repeat(64), extension: '.jpg', worker: 'w', ended: 'iterations' },
  ...{ seconds: 1, iterations: 1, losses },
};
const painted = { output: '/scratch/a.jpg', seconds: 1, losses };
const weights = { content: 1, style: 10, tv: 0, blend: [1] };
const size = { width: 8, height: 8, scales: 1 };

for (const kind of ['redis', 'postgres'] as const) {
  const launch = serverKind(kind);
  describe.skipIf(!launch)(`machines with a queue in ${kind}`, () => {
    let server: Awaited<ReturnType<NonNullable<typeof launch>>>;
    const opened: SharedQueue[] = [];
    beforeAll(async () => {
      server = await launch!();
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((queue) => queue.close()));
    });
    afterAll(() => server.stop());

    const open = async (given: Partial<SharedQueueOptions>) => {
      const address = { kind, url: server.url, shown: kind };
      const queue = await SharedQueue.open({ address, name: 'x', worker: 'w', ...given });
      opened.push(queue);
      return queue;
    };
    /** An owner, what it settled and heard, and a worker. */
    const machines = async (given: Partial<SharedQueueOptions> = {}) => {
      const name = randomUUID();
      const id = randomUUID();
      const settled: [QueuedJob, Ending][] = [];
      const heard: (PaintEvent | Preview)[] = [];
      const settler = {
        settle: async (job: QueuedJob, ending: Ending) => void settled.push([job, ending]),
        isRecorded: async (job: QueuedJob) => settled.some(([{ id }]) => id === job.id),
        outputFor: () => '/out/a.jpg',
        sourceOf: (name: string) => `/found/${name}`,
        takeSnapshot: async (_: QueuedJob, iteration: number) => `/out/a.at-${iteration}.jpg`,
        rowOf: () => undefined,
        jobOf: () => undefined,
      };
      const owner = await open({ name, owner: id, worker: 'owner', ...given });
      await owner.own(settler);
      owner.subscribe({ event: (event) => heard.push(event), preview: (preview) => heard.push(preview) });
      const worker = await open({ name, worker: 'far', handIn: async () => result, ...given });
      return { name, id, owner, worker, settled, heard, settler };
    };

    it('settles what a worker painted, skipped or gave up, once', async () => {
      const { owner, worker, settled } = await machines();
      for (const name of ['a', 'b', 'c']) await owner.add(photo(name));
      const claims = [await worker.claim(lease), await worker.claim(lease), await worker.claim(lease)];
      await worker.complete(claims[0]!, painted);
      await worker.skip(claims[1]!, 'by hand');
      await worker.fail(claims[2]!, 'it is no picture');
      await owner.whenEmpty(new AbortController().signal);
      expect(settled.map(([{ source }, ending]) => [source, ending])).toEqual([
        ['/in/a', result],
        ['/in/b', { skipped: 'by hand' }],
        ['/in/c', { failed: 'it is no picture' }],
      ]);
      expect(await owner.list()).toEqual([]);
    });

    it('settles at the next start what was painted meanwhile, and failures once', async () => {
      const { name, id, owner, worker, settled, settler } = await machines();
      await owner.add(photo('a'));
      await owner.add(photo('b'));
      await owner.close();
      await worker.fail((await worker.claim(lease))!, 'no');
      await worker.complete((await worker.claim(lease))!, painted);
      const signal = new AbortController().signal;
      for (let start = 0; start < 2; start++) {
        const next = await open({ name, owner: id, worker: 'owner' });
        await next.own(settler);
        await next.whenEmpty(signal);
        await next.close();
      }
      // Only names travelled, so the paths are for the owner to find.
      expect(settled.map(([{ source }]) => source).sort()).toEqual(['/found/a', '/found/b']);
    });

    it('shows on the owner what is painted elsewhere, at most once a second', async () => {
      const { owner, worker, heard } = await machines();
      await owner.add(photo('a'));
      heard.length = 0;
      const { job } = (await worker.claim(lease))!;
      const about = { job: job.id, time: new Date().toISOString(), source: '/scratch/a' };
      const how = {
        slot: 1,
        output: '/scratch/a.jpg',
        styles: ['/cache/s.jpg'],
        engine: 'onnx',
        device: 'cpu',
      };
      const layers = { content: {}, style: {} };
      worker.publish({
        event: 'started',
        version: eventsVersion,
        ...about,
        ...how,
        ...size,
        iterations: 99,
        layers,
        weights,
      });
      for (let iteration = 1; iteration <= 50; iteration++) {
        const at = { iteration, iterations: 99, scale: 1, scaleEnds: [], seconds: 1, secondsLeft: 1 };
        worker.publish({ event: 'iteration', ...about, ...size, ...at, losses, weights });
      }
      await vi.waitFor(() => expect(heard).toHaveLength(2), { timeout: 5000 });
      expect(heard).toMatchObject([
        { event: 'started', source: '/in/a', output: '/out/a.jpg', styles: ['/styles/a.jpg'], worker: 'far' },
        { event: 'iteration', source: '/in/a', iteration: 50 },
      ]);
    });

    it('passes on what a person asks for, to the worker that paints it', async () => {
      const { owner, worker } = await machines();
      const { job } = await owner.add(photo('a'));
      const asked: unknown[] = [];
      worker.onRequest((id, control) => asked.push([id, control]));
      const claim = (await worker.claim(lease))!;
      const about = { job: job.id, time: new Date().toISOString(), source: '/scratch/a' };
      worker.publish({ event: 'paused', ...about, iteration: 1 });
      const change = { type: 'change', number: 3, weights: { ...weights, style: 20 } } as const;
      // The owner has to hear first who paints it.
      await vi.waitFor(
        async () => {
          await owner.request(job.id, change);
          expect(asked.length).toBeGreaterThan(0);
        },
        { timeout: 20_000, interval: 500 },
      );
      expect(asked[0]).toEqual([job.id, change]);
      await owner.repaint(job.id, recipeOf('chosen', 's'));
      await vi.waitFor(
        () => expect(asked.at(-1)).toMatchObject([job.id, { type: 'repaint', recipe: { hash: 'chosen' } }]),
        { timeout: 5000 },
      );
      await worker.release(claim, recipeOf('chosen', 's'));
      expect((await worker.claim(lease))!.job).toMatchObject({
        id: job.id,
        settingsHash: 'chosen',
        askedHash: 's',
      });
    });

    it('takes in a snapshot that was made elsewhere', async () => {
      const handedIn: unknown[] = [];
      const { owner, worker, heard } = await machines({
        handInSnapshot: async (...snapshot) => void handedIn.push(snapshot),
      });
      const { job } = await owner.add(photo('a'));
      await worker.claim(lease);
      const about = { job: job.id, time: new Date().toISOString(), source: '/scratch/a' };
      worker.publish({ event: 'snapshot', ...about, iteration: 40, output: '/scratch/a.at-40.jpg' });
      await vi.waitFor(
        () =>
          expect(heard.at(-1)).toMatchObject({
            event: 'snapshot',
            source: '/in/a',
            output: '/out/a.at-40.jpg',
          }),
        { timeout: 10_000 },
      );
      expect(handedIn).toEqual([[job.id, 40, '/scratch/a.at-40.jpg']]);
    });

    it('does not count what is handed in for a claim that was lost', async () => {
      const withdrawn: string[] = [];
      const withdraw = async ({ job }: { job: QueuedJob }) => void withdrawn.push(job.source);
      const { owner, worker, settled, name } = await machines({ stalledInterval: 100, withdraw });
      await owner.add(photo('a'));
      let hold = () => {};
      let isHandingIn = false;
      const slow = await open({
        ...{ name, worker: 'slow', withdraw },
        handIn: async () => {
          await new Promise<void>((resolve) => {
            hold = resolve;
            isHandingIn = true;
          });
          return { ...result, key: 'results/late/late' };
        },
      });
      const late = (await slow.claim(500))!;
      // Its lock ends while it hands in its painting.
      const handedIn = slow.complete(late, painted).catch((error: Error) => error);
      await vi.waitFor(() => expect(isHandingIn).toBe(true));
      await slow.renew(late, 100);
      const again = await vi.waitFor(
        async () => (await worker.claim(lease)) ?? Promise.reject(new Error('not yet')),
        { timeout: 20_000 },
      );
      await worker.complete(again, painted);
      hold();
      expect(await handedIn).toMatchObject({ name: 'Error' });
      await owner.whenEmpty(new AbortController().signal);
      expect(settled.map(([, ending]) => ending)).toEqual([result]);
      expect(withdrawn).toEqual(['a']);
    });
  });
}
