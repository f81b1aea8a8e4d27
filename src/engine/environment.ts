/** What a painting process must have in its environment before an engine's native library is loaded. */
import { delimiter } from 'node:path';
import { readStamp } from './installed.js';
import { type Placement, parseDevice } from './placement.js';

/** Longest side in pixels from which on huge pages gain more than they take: at the start, about half a second. */
const hugeFrom = 768;

/**
 * This process's environment, and what the placement asks for.
 * @param longest side in pixels of what will be painted, about
 */
export function environmentFor({ engine, device, threads }: Placement, longest: number): NodeJS.ProcessEnv {
  const { kind, index } = parseDevice(device);
  const environment = { ...process.env };
  if (kind === 'cuda' || kind === 'tensorrt') {
    const { libraries = [] } = readStamp(engine === 'onnx' ? 'cuda' : 'tensorflow') ?? {};
    const path = [...libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
    if (path) environment.LD_LIBRARY_PATH = path;
  }
  if (engine === 'onnx') {
    // glibc would keep what is freed, in pieces that fit nothing else: a fifth of all that is held.
    environment.MALLOC_MMAP_THRESHOLD_ ??= String(2 ** 20);
    // Each layer's tensors are fresh memory where a picture is painted in tiles. In pages of 4 KB that takes half the time.
    if (longest >= hugeFrom) environment.GLIBC_TUNABLES ??= 'glibc.malloc.hugetlb=1';
    return environment;
  }
  // The numbers of cards are those that this process may see.
  const visible = process.env.CUDA_VISIBLE_DEVICES?.split(',');
  environment.CUDA_VISIBLE_DEVICES = kind === 'cuda' ? (visible?.[index] ?? String(index)) : '-1';
  if (threads !== undefined) environment.TF_NUM_INTRAOP_THREADS = String(threads);
  // As much of the card's memory as is needed, not all of it at once.
  environment.TF_FORCE_GPU_ALLOW_GROWTH = 'true';
  // Errors only: its notes on start-up are of no use to anybody.
  environment.TF_CPP_MIN_LOG_LEVEL = '2';
  return environment;
}
