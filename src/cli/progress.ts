/** What --progress-write and --progress-plot leave beside the output: the losses of every iteration. */
import { basename, dirname, extname, join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import sharp from 'sharp';
import { writeWhole } from '../image/write.js';
import type { Losses, PaintEvent } from '../jobs/events.js';
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
    const svg = await lossChart(this.rows.flatMap(({ iteration, losses }) => points(iteration, losses)));
    await writeWhole(path('.png'), await sharp(Buffer.from(svg)).png().toBuffer(), { overwrite: true });
  }

  /** A column for each layer, and for each style at each style layer. */
  private csv(): string {
    return stringify(
      this.rows.map(({ iteration, scale, seconds, losses }) => {
        const content = Object.entries(losses.content).map(([layer, value]) => [`content ${layer}`, value]);
        const style = Object.entries(losses.style).flatMap(([layer, values]) =>
          values.map((value, i) => [`style ${layer} ${this.styles[i]}`, value]),
        );
        return Object.fromEntries([
          ...[
            ['iteration', iteration],
            ['scale', scale],
            ['seconds', seconds.toFixed(3)],
          ],
          ...[['total', losses.total], ...content, ...style, ['tv', losses.tv]],
        ]);
      }),
      { header: true },
    );
  }
}

const points = (iteration: number, losses: Losses) => {
  const style = Object.entries(losses.style).map(([layer, values]) => [
    `style ${layer}`,
    values.reduce((sum, value) => sum + value, 0),
  ]);
  const content = Object.entries(losses.content).map(([layer, value]) => [`content ${layer}`, value]);
  return [['total', losses.total], ...content, ...style, ['tv', losses.tv]].map(([term, loss]) => ({
    iteration,
    term: String(term),
    loss: Number(loss),
  }));
};
