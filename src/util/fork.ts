/** Processes of our own for native libraries, which abort, leak and block: what they say last tells why they ended. */
import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';

/** Characters of stderr that are kept: a native stack trace must not push out the line above it that tells why. */
const lastWordsLength = 10_000;

export interface Forked {
  child: ChildProcess;
  /** The latest of what it wrote on stderr. */
  lastWords(): string;
}

/** Forks a module whose messages survive structured cloning, and whose stdout is dropped. */
export function forkModule(module: string, options: Pick<ForkOptions, 'env' | 'execArgv'>): Forked {
  const child = fork(module, {
    ...options,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let words = '';
  // Without a process there is no stderr; its 'error' event tells of that.
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-lastWordsLength);
  });
  return { child, lastWords: () => words };
}
