/** News of paintings that travel from the machine that paints to the one that shows it: at most one a second per picture. */
import sharp from 'sharp';
import { isProgress, type PaintEvent, type Preview } from '../render/events.js';
import { type News, newsSchema, plainName } from './job-data.js';

/** Milliseconds between two reports of a picture. */
const interval = 1000;

/** Longest side in pixels of a preview that travels, and its number of colors: some 5 KB. */
const previewSize = 112;
const previewColors = 64;

/** Only the owner of a job reports how it ended, once it has collected the painting. */
const ofOwner: readonly string[] = ['queued', 'done', 'failed', 'skipped'];

type JobEvent = Extract<PaintEvent, { job: number }>;

interface Pending {
  event?: JobEvent;
  preview?: Preview;
  timer?: NodeJS.Timeout;
}

export class Announcer {
  private readonly pending = new Map<number, Pending>();
  private readonly slots = new Map<number, number>();

  /** @param send sends news of a job, by its id */
  constructor(
    private readonly worker: string,
    private readonly send: (job: number, news: News) => void,
  ) {}

  announce(news: PaintEvent | Preview): void {
    if ('png' in news) return this.later(news.job, { preview: news });
    if (!('job' in news) || ofOwner.includes(news.event)) return;
    if (news.event === 'started') this.slots.set(news.job, news.slot);
    if (isProgress(news)) this.later(news.job, { event: news });
    else void this.report(news.job, { event: news });
  }

  forget(job: number): void {
    clearTimeout(this.pending.get(job)?.timer);
    this.pending.delete(job);
    this.slots.delete(job);
  }

  close(): void {
    for (const job of this.pending.keys()) this.forget(job);
  }

  /** Of several within a second, the last one is sent. */
  private later(job: number, news: Pending): void {
    const pending = { ...this.pending.get(job), ...news };
    pending.timer ??= setTimeout(() => {
      const { event, preview } = this.pending.get(job) ?? {};
      this.pending.delete(job);
      void this.report(job, { event, preview });
    }, interval);
    this.pending.set(job, pending);
  }

  private async report(job: number, { event, preview }: Pending): Promise<void> {
    const slot = this.slots.get(job) ?? 1;
    const small = preview && (await smaller(preview).catch(() => undefined));
    this.send(job, {
      worker: this.worker,
      slot,
      job,
      ...(event && { event: withoutPaths(event) }),
      ...(small && { preview: small }),
    });
  }
}

async function smaller({ png }: Preview): Promise<News['preview']> {
  const { data, info } = await sharp(png)
    .resize(previewSize, previewSize, { fit: 'inside', withoutEnlargement: true })
    .png({ palette: true, colors: previewColors })
    .toBuffer({ resolveWithObject: true });
  return { png: data.toString('base64'), width: info.width, height: info.height };
}

/** An event with names in place of paths. */
export function withoutPaths(event: JobEvent): JobEvent {
  const bare = { ...event, source: plainName(event.source) };
  if ('output' in bare) bare.output = plainName(bare.output);
  if ('styles' in bare) bare.styles = bare.styles.map(plainName);
  return bare;
}

/** News as they came from the server, checked; undefined if they are none. */
export function readNews(data: unknown) {
  const { success, data: news } = newsSchema.safeParse(data);
  if (!success) return undefined;
  const { worker, slot, job, event, preview } = news;
  if (event && !('job' in event && event.job === job)) return undefined;
  return {
    ...{ worker, slot, job, event },
    preview: preview && { ...preview, job, png: Uint8Array.from(Buffer.from(preview.png, 'base64')) },
  };
}
