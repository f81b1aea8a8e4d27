/** Sends small previews of the painting, encoded in other threads while the next iteration runs. */
import type { Picture, Size } from '../image/picture.js';
import { previewPng } from '../image/preview.js';
import type { Iterate } from '../transfer/stylize.js';
import type { Progress, RenderJob } from './messages.js';
import { colored } from './output-writer.js';

/** Milliseconds between two previews. */
const previewInterval = 1500;

export class Previewer {
  private shown: Iterate['bestLosses'] | undefined;
  private next = 0;
  private underWay = Promise.resolve();

  constructor(
    private readonly job: Pick<RenderJob, 'settings' | 'previews'>,
    private readonly content: Picture,
    private readonly send: (message: Progress) => void,
  ) {}

  /**
   * Sends the best picture so far if it has changed and a preview is due.
   * @param bleed pixels to cut off each side
   * @param size of the picture without bleed
   */
  async show(iterate: Iterate, bleed: number, size: Size): Promise<void> {
    if (!this.job.previews || this.shown === iterate.bestLosses || performance.now() < this.next) return;
    await this.underWay;
    this.shown = iterate.bestLosses;
    this.next = performance.now() + previewInterval;
    this.underWay = this.draw(iterate, bleed, size);
  }

  /** Resolves when no preview is being drawn. */
  done(): Promise<void> {
    return this.underWay;
  }

  private async draw({ best }: Iterate, bleed: number, size: Size): Promise<void> {
    try {
      const png = await previewPng(await colored(best(), this.job, this.content), bleed);
      this.send({ type: 'preview', png, ...size });
    } catch (error) {
      const text = `the preview could not be drawn (${(error as Error).message}).`;
      this.send({ type: 'warning', text });
    }
  }
}
