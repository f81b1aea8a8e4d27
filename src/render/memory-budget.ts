/**
 * How much memory painting may take. Node's process.availableMemory() counts a container's file cache as taken, and
 * after some days of reading pictures that is all there is; so Linux is asked itself.
 */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';

type Read = (path: string) => string;

/** '' where there is none. */
const readText: Read = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/**
 * Bytes that each of these processes may hold if they share alike, with what they hold now. Other systems than Linux
 * make room by compressing and swapping, and tell little of it: there, only what the machine has is shared.
 * @param pids undefined for one that is not started yet
 */
export function memoryForEach(pids: readonly (number | undefined)[]): number {
  if (process.platform !== 'linux') return totalmem() / pids.length;
  const held = pids.reduce<number>((sum, pid) => sum + (pid === undefined ? 0 : residentSize(pid)), 0);
  return (freeMemory() + held) / pids.length;
}

/** Bytes that Linux would give without anybody being killed: of the machine, and of each container we are in. */
export function freeMemory(read = readText): number {
  const machine = field(read('/proc/meminfo'), 'MemAvailable:') * 1024;
  return Math.min(machine, ...groups(read).map((group) => freeIn(group, read)));
}

/** How often the kernel has ended a process for want of memory, since the machine was started; 0 where it does not tell. */
export const countOomKills = (read = readText): number => field(read('/proc/vmstat'), 'oom_kill', 0);

interface Group {
  folder: string;
  /** The names of the files that hold its limits and what it has taken, and of what it could give back. */
  limits: readonly string[];
  taken: string;
  caches: readonly string[];
}

const version1 = {
  limits: ['memory.limit_in_bytes'],
  taken: 'memory.usage_in_bytes',
  caches: ['total_inactive_file', 'total_active_file'],
};
const version2 = {
  limits: ['memory.max', 'memory.high'],
  taken: 'memory.current',
  caches: ['inactive_file', 'active_file'],
};

/** This process's control groups, from its own to the root: the limit of each holds. */
function groups(read: Read): Group[] {
  return read('/proc/self/cgroup')
    .split('\n')
    .flatMap((line) => {
      const [, controllers, path] = line.split(':');
      if (controllers === '') return ancestors(path).map((at) => ({ folder: join(root, at), ...version2 }));
      if (!controllers?.split(',').includes('memory')) return [];
      return ancestors(path).map((at) => ({ folder: join(root, 'memory', at), ...version1 }));
    });
}

const root = '/sys/fs/cgroup';

/** /a/b → /a/b, /a, / */
const ancestors = (path: string): string[] => (path === '/' ? [path] : [path, ...ancestors(dirname(path))]);

/** Infinity where there is no limit, or no such group: inside a container its own path may not be seen. */
function freeIn({ folder, limits, taken, caches }: Group, read: Read): number {
  const number = (name: string) => Number.parseInt(read(join(folder, name)), 10);
  const limit = Math.min(...limits.map(number).filter(Number.isFinite));
  if (limit === Number.POSITIVE_INFINITY) return limit;
  const stat = read(join(folder, 'memory.stat'));
  const cached = caches.reduce((sum, name) => sum + field(stat, name, 0), 0);
  return Math.max(0, limit - number(taken) + cached);
}

function residentSize(pid: number): number {
  return field(readText(`/proc/${pid}/status`), 'VmRSS:', 0) * 1024;
}

/** The number behind a name at the beginning of a line. */
function field(text: string, name: string, missing = Number.POSITIVE_INFINITY): number {
  const line = text.split('\n').find((line) => line.startsWith(name) && /\s/.test(line[name.length]));
  return line === undefined ? missing : Number.parseInt(line.slice(name.length), 10);
}
