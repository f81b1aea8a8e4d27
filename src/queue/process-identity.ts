/** A process, told apart from every other one, on this machine and on others. */
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface Identity {
  /** For people. */
  host: string;
  /**
   * Where its process id means something: the machine since it was started, and the pid namespace on it. Cloned machines
   * have equal names, and often equal machine ids. Empty where a system does not tell its starts apart.
   */
  pidNamespace: string;
  pid: number;
  /** When it was started, as the system counts; empty where it does not say. Process ids are reused. */
  startTime: string;
}

export function thisProcess(): Identity {
  const { pid } = process;
  return { host: hostname(), pidNamespace: pidNamespace(), pid, startTime: startTimeOf(pid) ?? '' };
}

/**
 * Whether a process is running.
 * @returns undefined where it cannot be told from here: it may be another machine's, or its id be used again
 */
export function isRunning({ pidNamespace: there, pid, startTime }: Identity, me: Identity) {
  if (there === '' || there !== me.pidNamespace) return undefined;
  const current = startTimeOf(pid);
  if (current !== undefined) return startTime === '' ? undefined : current === startTime;
  return exists(pid) ? undefined : false;
}

function pidNamespace(): string {
  const boot = bootId();
  if (!boot) return '';
  const machine = tried(() => readFileSync('/etc/machine-id', 'utf8').trim()) || hostname();
  // Linux counts process ids anew in each container.
  return [machine, boot, tried(() => readlinkSync('/proc/self/ns/pid')) ?? ''].join(' ');
}

/** Another one each time the machine is started; undefined where none can be had. */
function bootId(): string | undefined {
  if (process.platform === 'darwin')
    return spawnSync('sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' }).stdout?.trim();
  return tried(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
}

/** In clock ticks since the machine was started; empty for a process that has ended; undefined if none can tell. */
function startTimeOf(pid: number): string | undefined {
  return tried(() => {
    // pid (name) state …: the name may hold blanks and brackets. See proc(5) for the numbers.
    const [state, ...rest] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return state === 'Z' ? '' : rest[18];
  });
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function tried<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
