/** The two queues on the server: one for usual pictures, and one for large ones, which weak machines leave to others. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Queue, QueueEvents, Worker } from 'bullmq';
import { type Settings, wantedSide } from '../settings/settings.js';
import { UserError } from '../util/errors.js';
import { isTransient } from '../util/transient.js';
import type { Address } from './address.js';
import type { JobData, Request, Result } from './job-data.js';
import { loadBullMQ, loadPostgres } from './packages.js';

export const laneNames = ['large', 'usual'] as const;
export type LaneName = (typeof laneNames)[number];

/** Longest side in pixels above which a picture counts as large. */
export const largeFrom = 1024;

export const laneOf = (settings: Pick<Settings, 'width' | 'size' | 'printSize'>): LaneName =>
  wantedSide(settings) > largeFrom ? 'large' : 'usual';

export type BullJob = Job<JobData, Result>;

export interface Lane {
  name: LaneName;
  queue: Queue<JobData, Result>;
  /** Takes jobs by hand: see SharedQueue.claim(). */
  worker: Worker<JobData, Result>;
  events?: QueueEvents;
}

/** How often a job is handed out in all if painting fails through no fault of the picture, and the first pause. */
const attempts = { attempts: 3, backoff: { type: 'exponential', delay: 5000 } } as const;

/** How often a job goes back because its machine went away, before it counts as failed. */
const maxStalled = 5;

/** Failed jobs that are kept for `queue retry`. */
const failedKept = 1000;

/** Events that the server keeps: those of a few seconds, each of at most 90 KB. */
const eventsKept = 500;

/** All connections of a program to a server. */
export interface Server {
  lanes: Lane[];
  /** Sends a request to a worker. */
  send(worker: string, request: Request): Promise<void>;
  /** Receives the requests to this worker. */
  receive(worker: string, handle: (request: unknown) => void): void;
  close(): Promise<void>;
}

export interface LaneOptions {
  address: Address;
  /** The queue's name on the server. */
  name: string;
  /** This program's name among the workers; it only looks on if undefined. */
  worker?: string;
  /** Milliseconds between two searches for jobs whose machine went away. */
  stalledInterval?: number;
  /** Listens for events. */
  listens?: boolean;
  /** Ends waiting for a server that does not answer at first. */
  signal?: AbortSignal;
  /** Called when the server does not answer. */
  onError(error: Error): void;
}

/** @throws UserError if packages are missing */
export async function openServer(options: LaneOptions): Promise<Server> {
  const { address, name, worker, listens, onError, signal, stalledInterval = 15_000 } = options;
  if (address.kind === 'postgres') await untilItAnswers(address, onError, signal);
  const { createPostgresBackend, Queue, QueueEvents, Worker, withBackend } = await loadBullMQ(address.kind);
  const isRedis = address.kind === 'redis';
  // Both have the same interface; only the types of their connections differ.
  const classes = isRedis ? { Queue, QueueEvents, Worker } : (withBackend(createPostgresBackend) as never);
  const bull = classes as Pick<typeof import('bullmq'), 'Queue' | 'QueueEvents' | 'Worker'>;
  const connection = isRedis
    ? { url: address.url, maxRetriesPerRequest: null }
    : ({ connectionString: address.url, max: 4, migrate: true } as never);
  const common = { connection, skipVersionCheck: true };
  const lanes = laneNames.map((lane) => {
    const full = lane === 'usual' ? name : `${name}-${lane}`;
    const queue = new bull.Queue<JobData, Result>(full, {
      ...common,
      streams: { events: { maxLen: eventsKept } },
      // A completed job stays until its painting is collected; see SharedQueue.
      defaultJobOptions: { ...attempts, removeOnFail: { count: failedKept } },
    });
    const taker = new bull.Worker<JobData, Result>(full, null, {
      ...common,
      name: worker,
      autorun: false,
      stalledInterval,
      maxStalledCount: maxStalled,
      removeOnFail: { count: failedKept },
    });
    const events = listens ? new bull.QueueEvents(full, common) : undefined;
    queue.on('error', onError);
    taker.on('error', onError);
    events?.on('error', onError);
    return { name: lane, queue, worker: taker, events } as unknown as Lane;
  });
  const channels = new Map<string, Queue>();
  const closers: (() => Promise<unknown>)[] = [];
  const channelName = (worker: string) => `${name}-control-${worker}`;
  return {
    lanes,
    send: async (worker, request) => {
      const channel = channels.get(worker) ?? new bull.Queue(channelName(worker), common);
      if (!channels.has(worker)) channels.set(worker, channel.on('error', onError));
      await channel.add('control', request, { removeOnComplete: true, removeOnFail: true });
    },
    receive: (worker, handle) => {
      const receiver = new bull.Worker(channelName(worker), async ({ data }) => handle(data), common);
      receiver.on('error', onError);
      closers.push(async () => {
        await receiver.close(true);
        const channel = new bull.Queue(channelName(worker), common);
        await channel.obliterate({ force: true });
        await channel.close();
      });
    },
    close: async () => {
      const parts = lanes.flatMap(({ queue, worker, events }) => [
        worker.close(true),
        queue.close(),
        events?.close(),
      ]);
      await Promise.allSettled([
        ...parts,
        ...closers.map((close) => close()),
        ...[...channels.values()].map((channel) => channel.close()),
      ]);
    },
  };
}

/** BullMQ does not try again if PostgreSQL does not answer at first, for example while it starts. */
async function untilItAnswers(
  { url }: Address,
  onError: LaneOptions['onError'],
  signal?: AbortSignal,
): Promise<void> {
  const { default: pg } = await loadPostgres();
  while (true) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return;
    } catch (error) {
      if (!isAwayError(error))
        throw new UserError(`--queue: PostgreSQL refuses: ${(error as Error).message}.`);
      onError(error as Error);
      await sleep(1000, undefined, { signal });
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** Errors of a server that is away, starts or stops: of the connection, of ioredis, and PostgreSQL's classes 08, 53 and 57. */
export function isAwayError(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: string };
  return (
    isTransient(error) ||
    /^(ECONN\w+|ENOTFOUND|EAI_AGAIN|EPIPE|EHOSTUNREACH|ENETUNREACH|08\w{3}|57P\d\d|53\w{3})$/.test(
      String(code),
    ) ||
    /^(Connection is closed|Connection terminated|LOADING|READONLY|CLUSTERDOWN|MASTERDOWN|timeout exceeded)/.test(
      message ?? '',
    )
  );
}
