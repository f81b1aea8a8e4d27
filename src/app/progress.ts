/** The files of --progress-write and --progress-plot: the losses of every iteration, next to the output. */
import { basename, dirname, extname, join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import sharp from 'sharp';
import type { Losses, PaintEvent } from '../render/events.js';
import { lossRows } from '../tui/terms.js';
import { writeWhole } from '../util/atomic-write.js';
import { lossChart } from './chart.js';

interface Row {
  iteration: number;
  scale: number;
  seconds: number;
  losses: Losses;
}

export interface ProgressFiles {
  csv?: string;
  plot?: string;
}

/** out.progress.csv and out.progress.png for out.jpg, if wanted. */
export function progressFiles(output: string, wanted: Record<keyof ProgressFiles, boolean>): ProgressFiles {
  const start = join(dirname(output), `${basename(output, extname(output))}.progress`);
  return { ...(wanted.csv && { csv: `${start}.csv` }), ...(wanted.plot && { plot: `${start}.png` }) };
}

/** Collects the iterations of one painting. */
export class ProgressRecord {
  private rows: Row[] = [];

  event(event: PaintEvent): void {
    if (event.event === 'started') {
      this.rows = [];
    } else if (event.event === 'iteration') {
      const { iteration, scale, seconds, losses } = event;
      this.rows.push({ iteration, scale, seconds, losses });
    }
  }

  /** Writes the requested files; none if nothing was painted. */
  async write({ csv, plot }: ProgressFiles): Promise<void> {
    if (this.rows.length === 0) return;
    if (csv) await writeWhole(csv, Buffer.from(this.csv()), { overwrite: true });
    if (!plot) return;
    const points = this.rows.flatMap(({ iteration, losses }) =>
      lossRows(losses).map(({ key, value }) => ({ iteration, term: key, loss: value })),
    );
    const svg = await lossChart(points);
    await writeWhole(plot, await sharp(Buffer.from(svg)).png().toBuffer(), { overwrite: true });
  }

  /** A column for each term of the loss, and for each layer of the content and style terms. */
  private csv(): string {
    const header = ['iteration', 'scale', 'seconds', ...lossRows(this.rows[0].losses).map(({ key }) => key)];
    const rows = this.rows.map(({ iteration, scale, seconds, losses }) => [
      ...[iteration, scale, seconds.toFixed(3)],
      ...lossRows(losses).map(({ value }) => value),
    ]);
    return stringify([header, ...rows]);
  }
}
