/** Runs one command of --exec in a process group of its own, so that all its processes can be ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Why a command failed. */
export class CommandFailure extends Error {
  constructor(
    message: string,
    /** Whether another attempt may succeed. */
    readonly isRetryable = true,
  ) {
    super(message);
  }
}

/** Milliseconds between asking a command's processes to end and ending them. */
const patience = 2000;

/** Milliseconds after its end in which the rest of its output is read; processes that it left behind may keep it open. */
const patienceForOutput = 200;

/** Characters of output that are kept, from the end. */
const keptOutput = 4000;

/** Characters of it that a reason quotes. */
const longestQuote = 300;

export interface RunOptions {
  /** Milliseconds after which it is ended. */
  timeout: number;
  /** Environment variables besides the program's own. */
  env: Record<string, string>;
  /** Ends it. */
  signal: AbortSignal;
}

/**
 * Resolves when the command has succeeded.
 * @throws CommandFailure that says why it has not; the signal's reason if that ended it
 */
export async function runCommand([file, ...args]: readonly string[], options: RunOptions): Promise<void> {
  const { timeout, env, signal } = options;
  signal.throwIfAborted();
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    // On Windows this would open a window.
    detached: process.platform !== 'win32',
  });
  const end = () => endGroup(child, 'SIGKILL');
  process.on('exit', end);
  const ending = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
  ending.addEventListener('abort', () => void endGently(child), { once: true });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] = (output[stream] + text).slice(-keptOutput);
    });
  try {
    const { code, by } = await ended(child);
    if (signal.aborted) throw signal.reason;
    if (ending.aborted)
      throw new CommandFailure(`it took longer than ${timeout / 1000} s (--exec-timeout) and was ended`);
    if (code === 0) return;
    const last = lastLines(output.stderr) || lastLines(output.stdout);
    throw new CommandFailure(
      `${code === null ? `it was ended by ${by}` : `exit code ${code}`}${last && `: ${last}`}`,
    );
  } finally {
    process.off('exit', end);
    // Its first process may have ended, and left others.
    if (ending.aborted) end();
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** Waits for its end, and a moment for the rest of its output. */
function ended(child: ChildProcess): Promise<{ code: number | null; by: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => reject(notStarted(error)));
    child.once('exit', (code, by) => {
      const done = () => resolve({ code, by });
      child.once('close', done);
      setTimeout(done, patienceForOutput);
    });
  });
}

function notStarted({ code, message }: NodeJS.ErrnoException): CommandFailure {
  if (code === 'ENOENT') return new CommandFailure('there is no such command', false);
  if (code === 'EACCES') return new CommandFailure('it is not executable', false);
  return new CommandFailure(`it cannot be started (${code ?? message})`);
}

async function endGently(child: ChildProcess): Promise<void> {
  endGroup(child, 'SIGTERM');
  await sleep(patience, undefined, { ref: false });
  endGroup(child, 'SIGKILL');
}

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid === undefined) return;
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // All have ended.
  }
}

/** The end of a text in one line. */
function lastLines(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length > longestQuote ? `…${line.slice(-longestQuote)}` : line;
}
