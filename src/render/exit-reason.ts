/** Why a painting process ended without being asked to, as far as it can be told. */
import type { Outcome } from './messages.js';

export interface Ending {
  code: number | null;
  signal: string | null;
  /** The latest of what it wrote on stderr. */
  stderrTail: string;
  /** This program ended it. */
  byUs: boolean;
  /** Processes that the kernel ended for want of memory while the job was under way, whichever they were. */
  oomKills: number;
}

/** A signal alone tells nothing: an operator's SIGKILL is no reason to paint smaller, the kernel's own is. */
export function toOutcome({
  code,
  signal,
  stderrTail,
  byUs,
  oomKills,
}: Ending): Outcome & { type: 'failed' } {
  const failed = (reason: string, outOfMemory: boolean) =>
    ({ type: 'failed', reason, retryable: true, outOfMemory }) as const;
  if (signal === 'SIGKILL' && !byUs && oomKills > 0)
    return failed('memory ran out, and the system ended the painting process', true);
  // What V8 writes then is a screen of addresses, which says no more.
  if (isAboutMemory(stderrTail)) return failed('memory ran out, and the painting process ended', true);
  const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
  const why = stderrTail.trim();
  return failed(`the painting process ${how}${why && `: ${why}`}`, false);
}

/** As C++, V8, Node, ONNX Runtime, TensorFlow, libvips, CUDA and others put it. */
export const isAboutMemory = (text: string): boolean =>
  /bad_alloc|bad allocation|out.of.memory|failed to allocate|allocation failed|OOM when|unable to allocate|cannot allocate memory|ALLOC_FAILED/i.test(
    text,
  );
