/** Child processes for native libraries, which may abort, leak or block. The end of their stderr is kept to explain a crash. */
import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';

/** Characters of stderr to keep: enough for a native stack trace and the error message above it. */
const stderrLength = 10_000;

export interface Forked {
  child: ChildProcess;
  /** The end of its stderr. */
  stderrTail(): string;
}

/** Forks a module; messages are sent by structured cloning, stdout is discarded. */
export function forkModule(module: string, options: Pick<ForkOptions, 'env' | 'execArgv'>): Forked {
  const child = fork(module, {
    ...options,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let tail = '';
  // stderr is missing if the process could not be started; the 'error' event reports that.
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-stderrLength);
  });
  return { child, stderrTail: () => tail };
}
