/** Writes down where a painting stands, every so often, so that a crash costs little. */
import type { RecordedChange } from '../settings/provenance.js';
import type { Iterate } from '../transfer/stylize.js';
import type { RenderJob } from './messages.js';
import { readState, type Saved, writeState } from './state.js';

/** Milliseconds of work that a crash may cost. */
const every = 30_000;

export class Checkpointer {
  private scale = 1;
  private next = performance.now() + every;
  private failed = false;

  /**
   * @param size what it is gone on with must have: after a crash there may be less memory, and a smaller size
   * @param warn told once when nothing can be written; that is no reason to stop painting
   */
  constructor(
    private readonly job: Pick<RenderJob, 'state' | 'outbox' | 'sourceHash' | 'hash'>,
    private readonly size: { width: number; height: number },
    private readonly warn: (text: string) => void,
  ) {}

  /** Where an earlier process left this painting. */
  async read(): Promise<Saved | undefined> {
    const saved = this.job.state === undefined ? undefined : await readState(this.job.state, this.painting);
    if (!saved) return undefined;
    const { scale, plan } = saved.state;
    const { width, height } = plan.scales.at(-1)!;
    if (width !== this.size.width || height !== this.size.height) return undefined;
    this.scale = scale + 1;
    return saved;
  }

  /** After a while, and at each new scale. */
  isDue({ scale }: Iterate): boolean {
    return this.job.state !== undefined && (performance.now() >= this.next || scale > this.scale);
  }

  async keep(iterate: Iterate, history: RecordedChange[], seconds: number): Promise<void> {
    const { state: path, outbox } = this.job;
    if (path === undefined) return;
    this.scale = iterate.scale;
    this.next = performance.now() + every;
    try {
      await writeState(path, this.painting, { state: iterate.state(), history, seconds }, outbox);
      this.failed = false;
    } catch (error) {
      if (!this.failed) this.warn(`where it stands could not be written down: ${(error as Error).message}`);
      this.failed = true;
    }
  }

  private get painting(): string {
    return `${this.job.sourceHash} ${this.job.hash}`;
  }
}
