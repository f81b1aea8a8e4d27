/** A shared queue from outside: what is in it, who paints, and what can be done to it as a whole. */
import { jobSchema } from './job-data.js';
import { type BullJob, type Lane, type LaneOptions, openServer, type Server } from './lanes.js';
import { readNews } from './news.js';

export interface Status {
  isPaused: boolean;
  /** Numbers of jobs; `painted` have not been collected by their outbox yet. */
  counts: { waiting: number; painting: number; painted: number; failed: number };
  pictures: Picture[];
  workers: string[];
}

/** A picture being painted. */
export interface Picture {
  name: string;
  /** Undefined until its first news. */
  worker?: string;
  device?: string;
  iteration?: number;
  iterations?: number;
  secondsLeft?: number;
}

/** Jobs that are fetched at once. */
const pageLength = 200;

export class Administration {
  private constructor(private readonly server: Server) {}

  static async open(options: Omit<LaneOptions, 'worker' | 'listens'>): Promise<Administration> {
    return new Administration(await openServer(options));
  }

  get lanes(): readonly Lane[] {
    return this.server.lanes;
  }

  /** Resolves once the server answers. */
  async ready(): Promise<this> {
    for (const { queue } of this.lanes) await queue.waitUntilReady();
    return this;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  async status(): Promise<Status> {
    const counts = { waiting: 0, painting: 0, painted: 0, failed: 0 };
    const pictures: Picture[] = [];
    let isPaused = false;
    for (const { queue } of this.lanes) {
      const found = await queue.getJobCounts(
        'waiting',
        'prioritized',
        'delayed',
        'active',
        'completed',
        'failed',
      );
      counts.waiting += found.waiting + found.prioritized + found.delayed;
      counts.painting += found.active;
      counts.painted += found.completed;
      counts.failed += found.failed;
      isPaused ||= await queue.isPaused();
      for (const job of (await queue.getActive()) as BullJob[]) pictures.push(pictureOf(job));
    }
    return { isPaused, counts, pictures, workers: await this.workers() };
  }

  /** Names of all programs that paint from the queue. */
  async workers(): Promise<string[]> {
    const names = new Set<string>();
    for (const { queue } of this.lanes)
      for (const { name = '' } of await queue.getWorkers()) {
        const [, own] = /:w:(.+)$/.exec(name) ?? [];
        if (own) names.add(own);
      }
    return [...names].sort();
  }

  /** Workers finish their pictures, and start no others until resume(). */
  async pause(): Promise<void> {
    for (const { queue } of this.lanes) await queue.pause();
  }

  async resume(): Promise<void> {
    for (const { queue } of this.lanes) await queue.resume();
  }

  /** Removes all waiting jobs. @returns their number */
  async drain(): Promise<number> {
    let removed = 0;
    for (const { queue } of this.lanes)
      while (true) {
        const page = (await queue.getJobs(
          ['prioritized', 'waiting', 'delayed'],
          0,
          pageLength - 1,
        )) as BullJob[];
        // One after the other, so that their outboxes hear of each.
        for (const job of page)
          await job.remove().then(
            () => removed++,
            () => {},
          );
        if (page.length < pageLength) break;
      }
    return removed;
  }

  /** Puts all failed jobs back. @returns their number */
  async retry(): Promise<number> {
    let retried = 0;
    for (const { queue } of this.lanes)
      for (const job of (await queue.getFailed()) as BullJob[])
        await job.retry('failed', { resetAttemptsMade: true }).then(
          () => retried++,
          () => {},
        );
    return retried;
  }
}

function pictureOf({ data, progress }: BullJob): Picture {
  const news = readNews(progress);
  const { data: job } = jobSchema.safeParse(data);
  const event = news?.event?.event === 'iteration' ? news.event : undefined;
  const { iteration, iterations, secondsLeft } = event ?? {};
  return { name: job?.photo.name ?? '?', worker: news?.worker, iteration, iterations, secondsLeft };
}
