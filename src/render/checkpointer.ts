/** Saves checkpoints of a painting at intervals, so that little is lost in a crash. */
import type { RecordedChange } from '../settings/provenance.js';
import type { Iterate } from '../transfer/stylize.js';
import type { RenderJob } from './messages.js';
import { readState, type Saved, writeState } from './state.js';

/** Milliseconds between two checkpoints. */
const interval = 30_000;

export class Checkpointer {
  private scale = 1;
  private next = performance.now() + interval;
  private failed = false;

  /**
   * @param size of the painting; a checkpoint of another size, after free memory has changed, is not used
   * @param warn called once if checkpoints cannot be written; painting continues
   */
  constructor(
    private readonly job: Pick<RenderJob, 'state' | 'outbox' | 'sourceHash' | 'hash'>,
    private readonly size: { width: number; height: number },
    private readonly warn: (text: string) => void,
  ) {}

  /** The checkpoint of an earlier process for this painting, if any. */
  async read(): Promise<Saved | undefined> {
    const saved = this.job.state === undefined ? undefined : await readState(this.job.state, this.painting);
    if (!saved) return undefined;
    const { scale, plan } = saved.state;
    const { width, height } = plan.scales.at(-1)!;
    if (width !== this.size.width || height !== this.size.height) return undefined;
    this.scale = scale + 1;
    return saved;
  }

  /** True when the interval has passed, and at each new scale. */
  isDue({ scale }: Iterate): boolean {
    return this.job.state !== undefined && (performance.now() >= this.next || scale > this.scale);
  }

  async keep(iterate: Iterate, history: RecordedChange[], seconds: number): Promise<void> {
    const { state: path, outbox } = this.job;
    if (path === undefined) return;
    this.scale = iterate.scale;
    this.next = performance.now() + interval;
    try {
      await writeState(path, this.painting, { state: iterate.state(), history, seconds }, outbox);
      this.failed = false;
    } catch (error) {
      if (!this.failed) this.warn(`the checkpoint could not be written: ${(error as Error).message}`);
      this.failed = true;
    }
  }

  private get painting(): string {
    return `${this.job.sourceHash} ${this.job.hash}`;
  }
}
