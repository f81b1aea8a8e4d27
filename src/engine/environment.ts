/** What a painting process must have in its environment before the engine's native library is loaded. */
import { type Placement, parseDevice } from './placement.js';

/** This process's environment, and what the placement asks for. */
export function environmentFor({ engine, device, threads }: Placement): NodeJS.ProcessEnv {
  if (engine !== 'tensorflow') return process.env;
  const { kind, index } = parseDevice(device);
  // The numbers of cards are those that this process may see.
  const visible = process.env.CUDA_VISIBLE_DEVICES?.split(',');
  const count = threads === undefined ? {} : { TF_NUM_INTRAOP_THREADS: String(threads) };
  return {
    ...process.env,
    ...count,
    CUDA_VISIBLE_DEVICES: kind === 'cuda' ? (visible?.[index] ?? String(index)) : '-1',
    // As much of the card's memory as is needed, not all of it at once.
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    // Errors only; its notes on start-up are of no use to anybody.
    TF_CPP_MIN_LOG_LEVEL: '2',
  };
}
