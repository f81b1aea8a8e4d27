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

export interface ProgressFiles {
  csv?: string;
  plot?: string;
}

/** out.progress.csv and out.progress.png for out.jpg, as far as they are wanted. */
export function progressFiles(output: string, wanted: Record<keyof ProgressFiles, boolean>): ProgressFiles {
  const start = join(dirname(output), `${basename(output, extname(output))}.progress`);
  return { ...(wanted.csv && { csv: `${start}.csv` }), ...(wanted.plot && { plot: `${start}.png` }) };
}

/** The styles' names; the second of the same name is told apart by a number. */
function columnNames(styles: readonly string[]): string[] {
  const names = styles.map((path) => basename(path, extname(path)));
  return names.map((name, i) => {
    const earlier = names.slice(0, i).filter((other) => other === name).length;
    return earlier > 0 ? `${name} (${earlier + 1})` : name;
  });
}

/** Gathers the iterations of one painting. */
export class ProgressRecord {
  private rows: Row[] = [];
  private styles: string[] = [];

  event(event: PaintEvent): void {
    if (event.event === 'started') {
      this.rows = [];
      this.styles = columnNames(event.styles);
    } else if (event.event === 'iteration') {
      const { iteration, scale, seconds, losses } = event;
      this.rows.push({ iteration, scale, seconds, losses });
    }
  }

  /** Writes the files that are asked for; nothing when nothing was painted. */
  async write({ csv, plot }: ProgressFiles): Promise<void> {
    if (this.rows.length === 0) return;
    if (csv) await writeWhole(csv, Buffer.from(this.csv()), { overwrite: true });
    if (!plot) return;
    const points = this.rows.flatMap(({ iteration, losses }) =>
      lossTerms(losses).map(({ key, value }) => ({ iteration, term: key, loss: value })),
    );
    const svg = await lossChart(points);
    await writeWhole(plot, await sharp(Buffer.from(svg)).png().toBuffer(), { overwrite: true });
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
