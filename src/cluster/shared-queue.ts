/**
 * A queue that many machines share, on BullMQ with Redis, Valkey or PostgreSQL.
 *
 * Any number of programs paint from it. Each outbox has one program, its owner, which adds jobs, keeps a list of its own in
 * memory, and collects the paintings; a completed job stays on the server until then. The order of jobs is their priority.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Claim,
  type Failure,
  type JobQueue,
  LeaseLost,
  type NewJob,
  type Painted,
  type QueuedJob,
  type QueueListener,
} from '../queue/queue.js';
import type { PaintEvent, Preview } from '../render/events.js';
import type { Control } from '../render/messages.js';
import { type Recipe, requestedHash } from '../settings/recipe.js';
import { UserError } from '../util/errors.js';
import type { Address } from './address.js';
import {
  idOf,
  type JobData,
  jobSchema,
  keyOf,
  pack,
  type Request,
  type Result,
  requestSchema,
  resultSchema,
  unpack,
} from './job-data.js';
import {
  type BullJob,
  isAwayError,
  type Lane,
  type LaneName,
  type LaneOptions,
  laneOf,
  openServer,
  type Server,
} from './lanes.js';
import { Announcer, readNews, withoutPaths } from './news.js';

/** How a job ended, for its owner. */
export type Ending = Result | { failed: string };

export interface SharedQueueOptions extends Omit<LaneOptions, 'onError' | 'listens' | 'worker'> {
  /** This program's name among the workers. */
  worker: string;
  /** The outbox whose jobs this program adds and collects; undefined if it only paints. */
  owner?: string;
  /** Number of pictures painted by this program at the same time. */
  slots?: number;
  /** Which lanes it paints from, first the first. */
  lanes?: readonly LaneName[];
  /** Makes the files of a new job available to the workers. */
  send?(job: NewJob): Promise<void>;
  /** Hands in a painting that was finished here. */
  handIn?(claim: Claim, painted: Painted): Promise<Result>;
  /** Takes back what was handed in by a worker that has lost its claim. */
  withdraw?(claim: Claim): Promise<void>;
  /** Hands in a snapshot of a picture that is being painted here. */
  handInSnapshot?(job: number, iteration: number, path: string): Promise<void>;
  /** Called before a job goes back, to save what there is of it. */
  saveProgress?(claim: Claim): Promise<void>;
  /** Prints a message for the user. */
  say?(text: string): void;
}

type SnapshotEvent = Extract<PaintEvent, { event: 'snapshot' }>;
type RequestHandler = (job: number, control: Control | { type: 'repaint'; recipe: Recipe }) => void;

/** Records how an owner's jobs ended. */
export interface Settler {
  /**
   * Called for each job that ended, one at a time; the server then forgets it.
   * @param isQuiet whoever dropped the job tells the user
   */
  settle(job: QueuedJob, ending: Ending, isQuiet?: boolean): Promise<void>;
  /** Whether a failure is recorded already. */
  isRecorded(job: QueuedJob): Promise<boolean>;
  /** The path of a photo that was queued before this start, of which only name and hash travelled. */
  sourceOf(name: string, hash: string): string;
  /** Takes in a snapshot. @returns its path; undefined if it is not what it should be */
  takeSnapshot(job: QueuedJob, iteration: number): Promise<string | undefined>;
  /** Where a painting will probably be. */
  outputFor(job: QueuedJob): string;
  /** The id in the owner's job store of a job that ended. */
  rowOf(job: number): number | undefined;
  jobOf(row: number): number | undefined;
}

/** An owner's view of one of its jobs. */
interface Entry {
  job: QueuedJob;
  lane: LaneName;
  /** Its priority on the server: the lowest first. */
  rank: number;
  /** The worker that paints it, and the slot on the screen that shows it. */
  worker?: string;
  slot?: number;
  /** It is being removed from its lane here, and not by somebody else. */
  isLeaving?: boolean;
}

/** Priority of the first job; later ones come behind, and others are moved before it. BullMQ has room for 2^21. */
const firstRank = 1_000_000;

/** Milliseconds after which a request is too old; clocks of machines may differ. */
const requestExpires = 5 * 60_000;

/** Jobs that are fetched at once. */
const pageLength = 200;

/** Milliseconds between two comparisons of the owner's list with the server's. */
const compareEvery = 10 * 60_000;

export class SharedQueue implements JobQueue {
  readonly pollInterval = 1000;
  private readonly lanes: readonly Lane[];
  private readonly listeners = new Set<QueueListener>();
  private readonly entries = new Map<number, Entry>();
  /** Jobs that this program is painting, by the token of their claim. */
  private readonly claimed = new Map<string, BullJob>();
  /** Jobs that ended here, until that is published. */
  private readonly ended = new Set<number>();
  private readonly announcer: Announcer;
  private settling: Promise<void> = Promise.resolve();
  private settler: Settler | undefined;
  private isAway = false;
  private isClosed = false;
  private comparison: NodeJS.Timeout | undefined;

  private constructor(
    private readonly options: SharedQueueOptions,
    private readonly server: Server,
  ) {
    this.lanes = server.lanes;
    this.announcer = new Announcer(
      options.worker,
      (job, news) =>
        void this.bullJobOf(job)
          ?.updateProgress(news)
          .catch(() => {}),
    );
  }

  /** @throws UserError if packages are missing */
  static async open(options: SharedQueueOptions): Promise<SharedQueue> {
    let queue: SharedQueue | undefined;
    let isReported = false;
    let refuse = (_: UserError) => {};
    const refused = new Promise<never>((_, reject) => {
      refuse = reject;
    });
    const onError = (error: NodeJS.ErrnoException) => {
      if (queue) return queue.onError(error);
      const { shown } = options.address;
      if (refusals.test(`${error.code} ${error.message}`))
        return refuse(new UserError(`${shown}: the server refuses the connection (${error.message})`));
      // The server may start at the same time as this program.
      if (!isReported) options.say?.(awayMessage(options.address, error));
      isReported = true;
    };
    const server = await openServer({ ...options, listens: options.owner !== undefined, onError });
    await Promise.race([server.lanes[0].queue.waitUntilReady(), refused]).catch(async (error) => {
      await Promise.race([server.close(), sleep(2000, undefined, { ref: false })]);
      throw error;
    });
    queue = new SharedQueue(options, server);
    for (const { worker } of server.lanes) await worker.startStalledCheckTimer();
    return queue;
  }

  async add(job: NewJob) {
    const { source, sourceHash, recipe, allowDuplicates = false } = job;
    const askedHash = requestedHash(recipe);
    const known = [...this.entries.values()].find(
      ({ job }) =>
        job.sourceHash === sourceHash &&
        (job.askedHash === askedHash || [recipe.hash, askedHash].includes(job.settingsHash)) &&
        (job.source === source || job.isInherited || !allowDuplicates),
    );
    if (known) {
      const isNew = known.job.isInherited;
      if (isNew) {
        const isSame = known.job.settingsHash === recipe.hash;
        known.job = { ...known.job, source, isInherited: false, recipe: isSame ? recipe : known.job.recipe };
      }
      return { job: known.job, isNew };
    }
    await this.options.send?.(job);
    // A job of its own for each name of the photo.
    const id = idOf(this.owner, sourceHash, askedHash, allowDuplicates ? source : '');
    const rank = this.lastRank() + 1;
    const fresh: QueuedJob = {
      ...{ id, source, sourceHash, askedHash, recipe, settingsHash: recipe.hash },
      ...{ status: 'waiting', isInherited: false },
    };
    const failed = await this.findFailed(id);
    if (failed) {
      const { lane, bull, data } = failed;
      await this.ask(async () => {
        await bull.retry('failed', { resetAttemptsMade: true });
        await bull.changePriority({ priority: rank });
      });
      // Not before: the end of the attempt that failed may be settled in this moment.
      const entry = {
        job: data.recipe.hash === recipe.hash ? fresh : this.jobFrom(data, source),
        lane,
        rank,
      };
      this.entries.set(id, entry);
      return { job: entry.job, isNew: true };
    }
    const entry: Entry = { job: fresh, lane: laneOf(recipe.settings), rank };
    this.entries.set(id, entry);
    await this.submit(entry).catch((error) => {
      this.entries.delete(id);
      throw error;
    });
    return { job: fresh, isNew: true };
  }

  async jobsOf(sourceHash: string) {
    return inOrder([...this.entries.values()].filter(({ job }) => job.sourceHash === sourceHash));
  }

  async find(id: number) {
    return this.entries.get(id)?.job;
  }

  async list() {
    return inOrder([...this.entries.values()]);
  }

  /** Empty in a program that only paints: others may take the next jobs. */
  async peek(count: number) {
    return (await this.list()).filter(({ status }) => status === 'waiting').slice(0, count);
  }

  async claim(lease: number): Promise<Claim | undefined> {
    const { lanes = ['large', 'usual'] } = this.options;
    for (const name of lanes) {
      const { worker } = this.lane(name);
      worker.opts.lockDuration = lease;
      while (true) {
        const token = randomUUID();
        const bull = await this.ask(() => worker.getNextJob(token, { block: false }));
        if (!bull) break;
        const data = await this.check(bull, token);
        if (!data) continue;
        this.claimed.set(token, bull);
        const job: QueuedJob = {
          ...(this.entries.get(data.id)?.job ?? this.jobFrom(data)),
          status: 'running',
        };
        this.setStatus(data.id, 'running');
        return { job, token };
      }
    }
    return undefined;
  }

  async renew(claim: Claim, lease: number) {
    await this.held(claim, async (bull) => {
      if (!((await bull.extendLock(claim.token, lease)) > 0)) throw new LeaseLost(claim.job.id);
    });
    // In the background: the store may be slow.
    void this.options.saveProgress?.(claim).catch(() => {});
  }

  /** The server counts attempts itself, and knows nothing of paths. */
  async begin(claim: Claim) {
    if (!this.claimed.has(claim.token)) throw new LeaseLost(claim.job.id);
  }

  async rename({ job }: Claim, source: string) {
    const entry = this.entries.get(job.id);
    if (entry) entry.job = { ...entry.job, source };
  }

  async complete(claim: Claim, painted: Painted) {
    // Also ends a claim that was lost meanwhile, so that nothing is handed in for it.
    await this.renew(claim, 60_000);
    const { handIn } = this.options;
    const result = handIn ? await handIn(claim, painted) : { skipped: '' };
    await this.end(claim, (bull) => bull.moveToCompleted(result, claim.token, false)).catch(async (error) => {
      if (error instanceof LeaseLost) await this.options.withdraw?.(claim).catch(() => {});
      throw error;
    });
  }

  async fail(claim: Claim, reason: string, { isRetryable = false }: Failure = {}) {
    // BullMQ recognizes an error that rules out another attempt by its name.
    const error = Object.assign(
      new Error(reason),
      { stack: reason },
      !isRetryable && { name: 'UnrecoverableError' },
    );
    await this.end(
      claim,
      (bull) => bull.moveToFailed(error, claim.token, false),
      isRetryable ? 'waiting' : undefined,
    );
  }

  async skip(claim: Claim, reason: string) {
    await this.end(claim, (bull) => bull.moveToCompleted({ skipped: reason }, claim.token, false));
  }

  async release(claim: Claim, recipe?: Recipe) {
    if (!recipe) await this.options.saveProgress?.(claim);
    await this.end(
      claim,
      async (bull) => {
        if (recipe) {
          const first = (await this.firstRank(bull)) - 1;
          const other = pack(bull.data.owner, { ...claim.job, recipe });
          await bull.updateData({ ...bull.data, recipe: other.recipe, names: other.names });
          await bull.changePriority({ priority: first });
          const entry = this.entries.get(claim.job.id);
          if (entry)
            Object.assign(entry, { rank: first, job: { ...entry.job, recipe, settingsHash: recipe.hash } });
        }
        await bull.moveToWait(claim.token);
      },
      'waiting',
    );
  }

  async move(id: number, by: 1 | -1 | null) {
    const waiting = [...this.entries.values()]
      .filter(({ job }) => job.status === 'waiting' && !job.isInherited)
      .sort((a, b) => a.rank - b.rank);
    const at = waiting.findIndex(({ job }) => job.id === id);
    if (at < 0) return;
    if (by === null) return this.place(waiting[at], waiting[0].rank - 1);
    const other = waiting[at + by];
    if (!other) return;
    const { rank } = waiting[at];
    await this.place(waiting[at], other.rank);
    await this.place(other, rank);
  }

  async setRecipe(id: number, recipe: Recipe) {
    const entry = this.entries.get(id);
    if (entry?.job.status !== 'waiting') return;
    await this.options.send?.({ ...entry.job, recipe });
    entry.job = { ...entry.job, recipe, settingsHash: recipe.hash };
    const lane = laneOf(recipe.settings);
    const bull = await this.fetch(entry);
    if (lane === entry.lane) {
      await this.ask(async () => bull?.updateData(pack(this.owner, entry.job)));
      return;
    }
    entry.isLeaving = true;
    try {
      if (!(await this.ask(() => removed(bull)))) return;
      entry.lane = lane;
      await this.submit(entry);
    } finally {
      entry.isLeaving = false;
    }
  }

  async drop(id: number, reason?: string) {
    const entry = this.entries.get(id);
    if (entry?.job.status !== 'waiting') return undefined;
    const bull = await this.fetch(entry);
    entry.isLeaving = true;
    try {
      if (bull && !(await this.ask(() => removed(bull)))) return undefined;
    } finally {
      entry.isLeaving = false;
    }
    this.entries.delete(id);
    if (reason !== undefined) await this.settler?.settle(entry.job, { skipped: reason }, true);
    return entry.job;
  }

  publish(news: PaintEvent | Preview) {
    const isEnd = 'event' in news && ['done', 'failed', 'skipped'].includes(news.event);
    // The owner tells how a job ended once it is recorded.
    if (isEnd && 'job' in news && this.ended.delete(news.job) && this.settler) return;
    if ('event' in news && news.event === 'snapshot') return void this.sendSnapshot(news);
    this.tell('source' in news ? this.forListeners(news) : news);
    this.announcer.announce(news);
  }

  /** Handles requests from other machines about jobs that are painted here. */
  onRequest(handle: RequestHandler): void {
    this.server.receive(this.options.worker, (request) => this.receive(request, handle));
  }

  /** The id in the owner's job store of a job that ended. */
  recordOf(job: number): number | undefined {
    return this.settler?.rowOf(job);
  }

  /** The other way around. */
  jobOf(row: number): number | undefined {
    return this.settler?.jobOf(row);
  }

  /** Without paths of this program's scratch folder. */
  private forListeners(event: Extract<PaintEvent, { source: string }>): PaintEvent {
    if (this.options.owner === undefined) return withoutPaths(event);
    const { job } = this.entries.get(event.job) ?? {};
    if (!job) return event;
    const { source } = job;
    if (event.event !== 'started') return { ...event, source };
    return { ...event, source, output: this.settler?.outputFor(job) ?? event.output };
  }

  private async sendSnapshot(event: SnapshotEvent): Promise<void> {
    try {
      await this.options.handInSnapshot?.(event.job, event.iteration, event.output);
      if (this.entries.has(event.job)) await this.takeSnapshot(event);
      else this.announcer.announce(event);
    } catch (error) {
      this.options.say?.(
        `${event.source}: the snapshot could not be handed in: ${(error as Error).message}.`,
      );
    }
  }

  private async takeSnapshot(event: SnapshotEvent): Promise<void> {
    const { job } = this.entries.get(event.job) ?? {};
    const output = job && (await this.settler?.takeSnapshot(job, event.iteration));
    if (output !== undefined) this.tell({ ...event, source: job!.source, output });
  }

  /** Asks the worker that paints a job to do something. Ignored if nobody paints it. */
  async request(job: number, control: Request['control'] | Control): Promise<void> {
    const { worker } = this.entries.get(job) ?? {};
    const request = requestSchema.safeParse({ job, time: Date.now(), control });
    if (worker === undefined || !request.success) return;
    await this.ask(() => this.server.send(worker, request.data));
  }

  /** As request(), to start again with another recipe. */
  async repaint(job: number, recipe: Recipe): Promise<void> {
    const entry = this.entries.get(job);
    if (!entry) return;
    await this.options.send?.({ ...entry.job, recipe });
    await this.request(job, { type: 'repaint', data: pack(this.owner, { ...entry.job, recipe }) });
  }

  /** Resolves when no job of this owner is left, and all are settled. */
  async whenEmpty(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      await this.settling;
      if (this.entries.size === 0) return;
      await sleep(100, undefined, { signal: stopped }).catch(() => {});
    }
  }

  /** What the files in the store are for: jobs, by their names on the server, and the hashes of files that they need. */
  async references(): Promise<{ jobs: Set<string>; files: Set<string> }> {
    const [jobs, files] = [new Set<string>(), new Set<string>()];
    for (const lane of this.lanes)
      for await (const { bull } of this.allJobs(lane)) {
        jobs.add(bull.id!);
        const { data } = jobSchema.safeParse(bull.data);
        for (const hash of data ? [data.photo.hash, ...Object.keys(data.names)] : []) files.add(hash);
      }
    return { jobs, files };
  }

  subscribe(listener: QueueListener) {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Ends all connections. Calls that wait for the server fail. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.comparison);
    this.announcer.close();
    // A server that is away must not hold up the end.
    await Promise.race([this.server.close(), sleep(2000, undefined, { ref: false })]);
  }

  private get owner(): string {
    if (this.options.owner === undefined) throw new Error('only the owner of an outbox adds jobs');
    return this.options.owner;
  }

  private lane(name: LaneName): Lane {
    return this.lanes.find((lane) => lane.name === name)!;
  }

  private bullJobOf(id: number): BullJob | undefined {
    return [...this.claimed.values()].find(({ data }) => data.id === id);
  }

  /** Tells the listeners of this program only. */
  tell(news: PaintEvent | Preview): void {
    for (const listener of this.listeners)
      if ('png' in news) listener.preview(news);
      else listener.event(news);
  }

  /** A job as its owner put it on the server. Paths of this machine are not known; see Studio.fetchInputs(). */
  private jobFrom(data: JobData, source?: string): QueuedJob {
    const { id, photo, recipe } = data;
    return {
      id,
      source: source ?? this.settler?.sourceOf(photo.name, photo.hash) ?? photo.name,
      sourceHash: photo.hash,
      settingsHash: recipe.hash,
      askedHash: requestedHash(recipe),
      status: 'waiting',
      recipe: unpack(data),
      isInherited: source === undefined,
    };
  }

  private async submit({ job, lane, rank }: Entry): Promise<void> {
    const { queue } = this.lane(lane);
    await this.ask(() => queue.add('paint', pack(this.owner, job), { jobId: keyOf(job.id), priority: rank }));
  }

  private async fetch({ job, lane }: Entry): Promise<BullJob | undefined> {
    return this.ask(() => this.lane(lane).queue.getJob(keyOf(job.id))) as Promise<BullJob | undefined>;
  }

  private async findFailed(id: number) {
    for (const { name, queue } of this.lanes) {
      const bull = (await this.ask(() => queue.getJob(keyOf(id)))) as BullJob | undefined;
      const data = bull && jobSchema.safeParse(bull.data).data;
      if (bull && data && (await this.ask(() => bull.isFailed()))) return { lane: name, bull, data };
    }
    return undefined;
  }

  private async place(entry: Entry, rank: number): Promise<void> {
    const bull = await this.fetch(entry);
    await this.ask(async () => bull?.changePriority({ priority: rank }));
    entry.rank = rank;
  }

  private lastRank(): number {
    let last = firstRank;
    for (const { rank } of this.entries.values()) last = Math.max(last, rank);
    return last;
  }

  /** The priority of the job that is handed out next in a job's lane. */
  private async firstRank(bull: BullJob): Promise<number> {
    const lane = this.lanes.find(({ queue }) => queue.name === bull.queueName)!;
    const [first] = await lane.queue.getPrioritized(0, 0);
    return first?.opts.priority ?? bull.opts.priority ?? firstRank;
  }

  private setStatus(id: number, status: 'waiting' | 'running' | undefined): void {
    const entry = this.entries.get(id);
    if (!entry) return;
    if (status === undefined) this.entries.delete(id);
    else entry.job = { ...entry.job, status };
    if (status === 'waiting') [entry.worker, entry.slot] = [undefined, undefined];
  }

  /** Fails a job that cannot be painted: its data are invalid, or its machine went away too often. */
  private async check(bull: BullJob, token: string): Promise<JobData | undefined> {
    const parsed = jobSchema.safeParse(bull.data);
    const reason = parsed.success
      ? bull.deferredFailure && `its machine went away ${maxTimes(bull)} times; it may need too much memory`
      : `its entry in the queue is invalid (${parsed.error.issues[0].path.join('.')})`;
    if (!reason) return parsed.data;
    const error = Object.assign(new Error(reason), { stack: reason, name: 'UnrecoverableError' });
    await this.ask(() => bull.moveToFailed(error, token, false));
    return undefined;
  }

  /** Runs work on a claimed job. @throws LeaseLost */
  private async held<T>({ job, token }: Claim, work: (bull: BullJob) => Promise<T>): Promise<T> {
    const bull = this.claimed.get(token);
    if (!bull) throw new LeaseLost(job.id);
    return this.ask(() => work(bull)).catch((error) => {
      if (!isLost(error)) throw error;
      this.claimed.delete(token);
      throw new LeaseLost(job.id);
    });
  }

  private async end(
    claim: Claim,
    work: (bull: BullJob) => Promise<unknown>,
    status?: 'waiting',
  ): Promise<void> {
    await this.held(claim, work);
    this.announcer.forget(claim.job.id);
    this.claimed.delete(claim.token);
    if (!status) this.ended.add(claim.job.id);
    this.setStatus(claim.job.id, status);
  }

  /** Calls the server. An error that it may recover from is one that is waited out: see isTransient(). */
  private async ask<T>(call: () => Promise<T>): Promise<T> {
    try {
      const result = await call();
      this.isAway = false;
      return result;
    } catch (error) {
      if (!isAwayError(error)) throw error;
      const { message } = error as Error;
      throw Object.assign(new Error(`${this.options.address.shown}: ${message}`), { code: 'EHOSTDOWN' });
    }
  }

  private onError(error: Error): void {
    if (this.isAway || this.isClosed) return;
    this.isAway = true;
    this.options.say?.(awayMessage(this.options.address, error));
    // What the server forgot, for example in a crash, is added again once it is back.
    if (this.options.owner !== undefined) void this.whenBack().catch(() => {});
  }

  private async whenBack(): Promise<void> {
    while (this.isAway && !this.isClosed) {
      await sleep(1000, undefined, { ref: false });
      await this.ask(() => this.lanes[0].queue.getJobCounts('wait')).catch(() => {});
    }
    await this.compare();
  }

  // The owner's side.

  /** Reads the owner's jobs from before this start, and settles those that end from now on. */
  async own(settler?: Settler): Promise<void> {
    this.settler = settler;
    for (const lane of this.lanes) {
      const { events } = lane;
      events?.on('progress', ({ data }) => this.hear(data));
      events?.on('active', ({ jobId }) => this.setStatus(idFrom(jobId), 'running'));
      events?.on('waiting', ({ jobId }) => void this.onWaiting(lane, jobId).catch(() => {}));
      events?.on('delayed', ({ jobId }) => this.setStatus(idFrom(jobId), 'waiting'));
      events?.on('completed', ({ jobId }) => this.collect(lane, jobId));
      events?.on('failed', ({ jobId }) => this.collect(lane, jobId));
      events?.on('removed', ({ jobId }) => this.onRemoved(idFrom(jobId)));
      await events?.waitUntilReady();
    }
    for (const lane of this.lanes) await this.readLane(lane);
    this.comparison = setInterval(() => void this.compare().catch(() => {}), compareEvery).unref();
  }

  private async readLane(lane: Lane): Promise<void> {
    for await (const { bull, state } of this.allJobs(lane)) {
      if (!this.isOwn(bull)) continue;
      if (state === 'completed' || state === 'failed') this.collect(lane, bull.id!);
      else this.know(lane, bull, state === 'active' ? 'running' : 'waiting');
    }
  }

  private async *allJobs({ queue }: Lane) {
    for (const state of ['active', 'prioritized', 'waiting', 'delayed', 'completed', 'failed'] as const)
      for (let at = 0; ; at += pageLength) {
        const page = (await this.ask(() => queue.getJobs(state, at, at + pageLength - 1, true))) as BullJob[];
        for (const bull of page) if (bull) yield { bull, state };
        if (page.length < pageLength) break;
      }
  }

  private receive(data: unknown, handle: RequestHandler): void {
    const { success, data: request } = requestSchema.safeParse(data);
    // One that waited while this worker was away is outdated.
    if (!success || Math.abs(Date.now() - request.time) > requestExpires) return;
    const { job, control } = request;
    handle(job, control.type === 'repaint' ? { type: 'repaint', recipe: unpack(control.data) } : control);
  }

  private isOwn(bull: BullJob | undefined): bull is BullJob {
    const data = jobSchema.safeParse(bull?.data).data;
    return data !== undefined && data.owner === this.options.owner;
  }

  private know(lane: Lane, bull: BullJob, status: QueuedJob['status']): void {
    const { id } = bull.data;
    if (this.entries.has(id)) return;
    const job = { ...this.jobFrom(bull.data), status };
    this.entries.set(id, { job, lane: lane.name, rank: bull.opts.priority ?? firstRank });
  }

  /** A job is back, from a machine that went away or after `queue retry`. */
  private async onWaiting(lane: Lane, jobId: string): Promise<void> {
    const id = idFrom(jobId);
    if (this.entries.has(id)) {
      const isBack = this.entries.get(id)?.job.status === 'running';
      this.setStatus(id, 'waiting');
      if (isBack) this.tell({ event: 'queued', ...this.fieldsOf(id) });
      return;
    }
    const bull = (await this.ask(() => lane.queue.getJob(jobId))) as BullJob | undefined;
    if (!this.isOwn(bull) || this.entries.has(id)) return;
    this.know(lane, bull, 'waiting');
    this.tell({ event: 'queued', ...this.fieldsOf(id) });
  }

  private onRemoved(id: number): void {
    const entry = this.entries.get(id);
    if (entry?.job.status !== 'waiting' || entry.isLeaving) return;
    // It may have been moved to the other lane.
    void this.fetch(entry).then(
      (bull) => {
        if (bull || !this.entries.delete(id)) return;
        return this.settler?.settle(entry.job, { skipped: 'removed from the queue' });
      },
      () => {},
    );
  }

  /** A slot on this screen, after those of this machine: the first that shows no other picture. */
  private slotFor(entry: Entry): number {
    if (entry.slot === undefined) {
      const taken = new Set([...this.entries.values()].map(({ slot }) => slot));
      entry.slot = (this.options.slots ?? 0) + 1;
      while (taken.has(entry.slot)) entry.slot++;
    }
    return entry.slot;
  }

  private hear(data: unknown): void {
    const news = readNews(data);
    if (!news || news.worker === this.options.worker) return;
    const { event, preview } = news;
    const entry = this.entries.get(news.job);
    if (!entry) return;
    const { source, recipe } = entry.job;
    entry.worker = news.worker;
    if (preview) this.tell(preview);
    if (event?.event === 'started')
      this.tell({
        ...event,
        ...{ source, styles: recipe.settings.styles, worker: news.worker },
        slot: this.slotFor(entry),
        output: this.settler?.outputFor(entry.job) ?? event.output,
      });
    else if (event?.event === 'snapshot')
      void this.takeSnapshot(event).catch((error: Error) =>
        this.options.say?.(`${source}: ${error.message}`),
      );
    else if (event && 'source' in event) this.tell({ ...event, source });
  }

  /** Settles a job that ended, one after the other. */
  private collect(lane: Lane, jobId: string): void {
    this.settling = this.settling
      .then(() => this.settle(lane, jobId))
      .catch((error: Error) => {
        if (this.isClosed) return;
        this.options.say?.(`${jobId}: ${error.message}`);
      });
  }

  private async settle({ queue }: Lane, jobId: string): Promise<void> {
    const bull = (await this.ask(() => queue.getJob(jobId))) as BullJob | undefined;
    if (!this.isOwn(bull)) return;
    const { id } = bull.data;
    const known = this.entries.get(id);
    const job = known?.job ?? this.jobFrom(bull.data);
    const result = resultSchema.safeParse(bull.returnvalue);
    if (await this.ask(() => bull.isFailed())) {
      if (!(await this.settler?.isRecorded(job)))
        await this.settler?.settle(job, { failed: bull.failedReason ?? 'for an unknown reason' });
      // It may have been added again meanwhile.
      if (this.entries.get(id) === known) this.entries.delete(id);
      return;
    }
    if (!(await this.ask(() => bull.isCompleted()))) return;
    await this.settler?.settle(
      job,
      result.success ? result.data : { failed: 'a worker reported an invalid result' },
    );
    await this.ask(() => removed(bull));
    if (this.entries.get(id) === known) this.entries.delete(id);
  }

  /** Adds jobs that the server lost, and collects those whose end was not heard of. */
  private async compare(): Promise<void> {
    for (const [id, entry] of [...this.entries]) {
      const lane = this.lane(entry.lane);
      const state = await this.ask(() => lane.queue.getJobState(keyOf(id)));
      if (!this.entries.has(id)) continue;
      if (state === 'completed' || state === 'failed') this.collect(lane, keyOf(id));
      else if (state === 'unknown') {
        entry.job = { ...entry.job, status: 'waiting' };
        await this.submit(entry);
      } else this.setStatus(id, state === 'active' ? 'running' : 'waiting');
    }
  }

  private fieldsOf(id: number) {
    return { time: new Date().toISOString(), job: id, source: this.entries.get(id)!.job.source };
  }
}

/** Those being painted, then the waiting ones, by rank. */
function inOrder(entries: Entry[]): QueuedJob[] {
  const jobs = entries.sort((a, b) => a.rank - b.rank).map(({ job }) => job);
  const [running, waiting] = ['running', 'waiting'].map((status) =>
    jobs.filter((job) => job.status === status),
  );
  return [...running, ...waiting];
}

/** Answers that waiting does not change: a wrong password, a certificate that is not trusted. */
const refusals = /NOAUTH|WRONGPASS|NOPERM|CERT|ERR_TLS/;

const awayMessage = ({ shown }: Address, { code, message }: NodeJS.ErrnoException) =>
  `${shown}: the queue does not answer (${code || message}). Waiting until it does.`;

/** Removes a job unless a worker has it. */
const removed = (bull: BullJob | undefined): Promise<boolean> =>
  bull
    ? bull.remove().then(
        () => true,
        (error: Error) => {
          if (/locked|Missing key/.test(error.message)) return false;
          throw error;
        },
      )
    : Promise.resolve(false);

const idFrom = (jobId: string) => Number.parseInt(jobId.replace(/^job-/, ''), 16);

const maxTimes = ({ stalledCounter }: BullJob) => stalledCounter;

/** BullMQ's codes for a job that is gone, or belongs to another worker. */
const isLost = (error: unknown) =>
  error instanceof LeaseLost || [-1, -2, -3, -6].includes((error as { code?: number }).code ?? 0);
