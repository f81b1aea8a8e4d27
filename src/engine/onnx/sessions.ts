/**
 * The sessions of an engine, one per graph, opened on demand. A session holds the memory of its largest image, so only
 * those that are used alternately stay open.
 */
import type { InferenceSession } from 'onnxruntime-node';
import { collectGarbage } from '../garbage.js';
import { onProcessor, providersFor, type Runtime } from './runtime.js';

interface Model {
  make(): Uint8Array;
  /** Release memory after each run, which takes some time, for use by the next session. */
  releaseMemory: boolean;
}

export class Sessions<Name extends string> {
  private readonly held = new Map<Name, InferenceSession>();

  constructor(
    private readonly runtime: Runtime,
    private readonly models: Record<Name, Model>,
    private readonly device: string,
    private readonly threads: number,
  ) {}

  /** Opens the session of that name; releases all others except `beside`. */
  async use(name: Name, beside: readonly Name[] = []): Promise<InferenceSession> {
    await this.release((other) => other !== name && !beside.includes(other));
    const held = this.held.get(name);
    if (held) return held;
    const session = await this.open(this.models[name]);
    // The serialized model is garbage now; on a card it is as large as the network.
    collectGarbage();
    this.held.set(name, session);
    return session;
  }

  async release(which: (name: Name) => boolean = () => true): Promise<void> {
    for (const [name, session] of this.held) {
      if (!which(name)) continue;
      this.held.delete(name);
      await session.release();
    }
  }

  /** Without the memory pattern a session takes a third less memory and is as fast. */
  private open({ make, releaseMemory }: Model): Promise<InferenceSession> {
    return this.runtime.InferenceSession.create(make(), {
      ...onProcessor(this.threads),
      executionProviders: providersFor(this.device),
      graphOptimizationLevel: 'all',
      enableMemPattern: false,
      enableCpuMemArena: !releaseMemory,
    });
  }
}
