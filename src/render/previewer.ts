/** Shows what there is so far: small pictures, drawn by other threads while this one goes on with the next iteration. */
import type { Picture, Size } from '../image/picture.js';
import { previewPng } from '../image/preview.js';
import type { Iterate } from '../transfer/stylize.js';
import type { Progress, RenderJob } from './messages.js';
import { colored } from './output-writer.js';

/** Milliseconds between two: each costs a few, and the eye wants no more. */
const previewEvery = 1500;

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
   * Shows the best picture so far, if it is another one and time for it.
   * @param bleed pixels to cut off each side
   * @param size of what is left
   */
  async show(iterate: Iterate, bleed: number, size: Size): Promise<void> {
    if (!this.job.previews || this.shown === iterate.bestLosses || performance.now() < this.next) return;
    await this.underWay;
    this.shown = iterate.bestLosses;
    this.next = performance.now() + previewEvery;
    this.underWay = this.draw(iterate, bleed, size);
  }

  /** Settles once nothing is drawn any more. */
  done(): Promise<void> {
    return this.underWay;
  }

  private async draw({ best }: Iterate, bleed: number, size: Size): Promise<void> {
    try {
      const png = await previewPng(await colored(best(), this.job, this.content), bleed);
      this.send({ type: 'preview', png, ...size });
    } catch (error) {
      const text = `what there is so far cannot be shown (${(error as Error).message}).`;
      this.send({ type: 'warning', text });
    }
  }
}
