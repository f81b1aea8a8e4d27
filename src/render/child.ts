/**
 * The child process: paints one job after the other and keeps its engine between them. It ends when its parent does,
 * and leaves signals from the terminal to it.
 */
import type { Engine } from '../engine/engine.js';
import { createOnnxEngine } from '../engine/onnx/onnx.js';
import type { Pooling } from '../network/vgg19.js';
import { loadNetwork, type Network } from '../network/weights.js';
import { UserError } from '../settings/errors.js';
import { Controls } from './controls.js';
import type { FromChild, Outcome, RenderJob, ToChild } from './messages.js';
import { contentLayers, paint, styleLayers } from './paint.js';

let controls = new Controls();
let engine: (Engine & { key: string }) | undefined;
let mean: Network['mean'] | undefined;

process.on('message', (message: ToChild) => {
  if (message.type === 'render') void render(message.job);
  else controls.apply(message);
});
process.on('disconnect', () => process.exit());
// Ctrl-C reaches every process of the terminal; the parent decides what it means.
process.on('SIGINT', () => {});

async function render(job: RenderJob): Promise<void> {
  controls = new Controls();
  send(await outcome(job));
}

async function outcome(job: RenderJob): Promise<Outcome> {
  try {
    const network = mean ? undefined : await loadNetwork();
    mean ??= network!.mean;
    return await paint(
      job,
      controls,
      (pooling, threads) => makeEngine(pooling, threads, network),
      mean,
      send,
    );
  } catch (error) {
    const mistake = error instanceof UserError;
    return {
      type: 'failed',
      reason: mistake ? error.message : String((error as Error).stack ?? error),
      mistake,
    };
  }
}

/** The engine for these options: the last one, if it fits. The network is read again only for a new one. */
async function makeEngine(pooling: Pooling, threads?: number, network?: Network): Promise<Engine> {
  const key = `${pooling} ${threads}`;
  if (engine?.key === key) return engine;
  await engine?.dispose();
  network ??= await loadNetwork();
  engine = { ...(await createOnnxEngine({ network, contentLayers, styleLayers, pooling, threads })), key };
  return engine;
}

function send(message: FromChild): void {
  process.send?.(message);
}
