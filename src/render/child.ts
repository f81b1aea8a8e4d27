/**
 * The child process: paints one job after the other and keeps its engine between them. It ends when its parent does,
 * and leaves signals from the terminal to it.
 */
import type { Engine } from '../engine/engine.js';
import { createOnnxEngine } from '../engine/onnx/onnx.js';
import { loadNetwork, type Network } from '../network/weights.js';
import { UserError } from '../settings/errors.js';
import { Controls } from './controls.js';
import type { FromChild, Outcome, RenderJob, ToChild } from './messages.js';
import { paint } from './paint.js';

let controls = new Controls();
let kept: { engine: Engine; mean: Network['mean']; key: string } | undefined;

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
    const { engine, mean } = await engineFor(job);
    return await paint(job, controls, engine, mean, send);
  } catch (error) {
    const mistake = error instanceof UserError;
    return {
      type: 'failed',
      reason: mistake ? error.message : String((error as Error).stack ?? error),
      mistake,
    };
  }
}

/** The engine for this job: the last one, if it fits. The network is read for a new one only. */
async function engineFor({ settings, layers, network: hash, threads }: RenderJob): Promise<{
  engine: Engine;
  mean: Network['mean'];
}> {
  const options = {
    contentLayers: Object.keys(layers.content),
    styleLayers: Object.keys(layers.style),
    pooling: settings.pooling,
    masks: settings.masks?.length,
    threads,
  };
  const key = JSON.stringify({ ...options, hash });
  if (kept?.key === key) return kept;
  await kept?.engine.dispose();
  kept = undefined;
  const network = await loadNetwork(settings.network, hash);
  kept = { engine: await createOnnxEngine({ ...options, network }), mean: network.mean, key };
  return kept;
}

function send(message: FromChild): void {
  process.send?.(message);
}
