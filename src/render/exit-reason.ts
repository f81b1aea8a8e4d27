/** Finds out why a painting process exited unexpectedly. */
import type { Outcome } from './messages.js';

export interface Exit {
  code: number | null;
  signal: string | null;
  /** The end of its stderr. */
  stderrTail: string;
  /** This program killed it. */
  byUs: boolean;
  /** Number of processes on the machine that the kernel killed for lack of memory during the job. */
  oomKills: number;
}

/** SIGKILL may come from the user or from the kernel when memory runs out; only the latter is a reason to paint smaller. */
export function toOutcome({ code, signal, stderrTail, byUs, oomKills }: Exit): Outcome & { type: 'failed' } {
  const failed = (reason: string, outOfMemory: boolean) =>
    ({ type: 'failed', reason, retryable: true, outOfMemory }) as const;
  if (signal === 'SIGKILL' && !byUs && oomKills > 0)
    return failed('memory ran out, and the system killed the painting process', true);
  // stderr is not quoted, since V8 prints a long stack trace.
  if (isAboutMemory(stderrTail)) return failed('memory ran out, and the painting process ended', true);
  const how = signal ? `was killed by ${signal}` : `ended with code ${code}`;
  const why = stderrTail.trim();
  return failed(`the painting process ${how}${why && `: ${why}`}`, false);
}

/** Matches the messages of C++, V8, Node, ONNX Runtime, TensorFlow, libvips, CUDA and others. */
export const isAboutMemory = (text: string): boolean =>
  /bad_alloc|bad allocation|out.of.memory|failed to allocate|allocation failed|OOM when|unable to allocate|cannot allocate memory|ALLOC_FAILED/i.test(
    text,
  );
