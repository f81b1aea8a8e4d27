/** What --progress-write and --progress-plot leave beside the output: the losses of every iteration. */
import { basename, dirname, extname, join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import sharp from 'sharp';
import { writeWhole } from '../image/write.js';
import type { Losses, PaintEvent } from '../jobs/events.js';
import { lossTerms } from '../tui/terms.js';
import { lossChart } from './chart.js';

interface Row {
  iteration: number;
  scale: number;
  seconds: number;
  losses: Losses;
}

/** Gathers the iterations of one painting. */
export class ProgressRecord {
  private rows: Row[] = [];
  private styles: string[] = [];

  event(event: PaintEvent): void {
    if (event.event === 'started') {
      this.rows = [];
      this.styles = event.styles.map((path) => basename(path, extname(path)));
    } else if (event.event === 'iteration') {
      const { iteration, scale, seconds, losses } = event;
      this.rows.push({ iteration, scale, seconds, losses });
    }
  }

  /** Writes out.progress.csv and out.progress.png for out.jpg, as asked for; nothing when nothing was painted. */
  async write(output: string, { csv, plot }: { csv: boolean; plot: boolean }): Promise<void> {
    if (this.rows.length === 0) return;
    const path = (extension: string) =>
      join(dirname(output), `${basename(output, extname(output))}.progress${extension}`);
    if (csv) await writeWhole(path('.csv'), Buffer.from(this.csv()), { overwrite: true });
    if (!plot) return;
    const points = this.rows.flatMap(({ iteration, losses }) =>
      lossTerms(losses).map(({ key, value }) => ({ iteration, term: key, loss: value })),
    );
    const svg = await lossChart(points);
    await writeWhole(path('.png'), await sharp(Buffer.from(svg)).png().toBuffer(), { overwrite: true });
  }

  /** A column for each content layer, and for each style at each style layer. */
  private csv(): string {
    const [{ losses: first }] = this.rows;
    const header = [
      ...['iteration', 'scale', 'seconds', 'total'],
      ...Object.keys(first.content).map((layer) => `content ${layer}`),
      ...Object.keys(first.style).flatMap((layer) => this.styles.map((style) => `style ${layer} ${style}`)),
      'tv',
    ];
    const rows = this.rows.map(({ iteration, scale, seconds, losses: { total, content, style, tv } }) => [
      ...[iteration, scale, seconds.toFixed(3), total],
      ...Object.values(content),
      ...Object.values(style).flat(),
      tv,
    ]);
    return stringify([header, ...rows]);
  }
}
