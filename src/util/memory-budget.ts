/**
 * The memory available for painting. Node's process.availableMemory() counts a container's file cache as used, which fills
 * the memory after some days of reading pictures, so Linux is queried directly.
 */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';

type Read = (path: string) => string;

/** '' if the file cannot be read. */
const readText: Read = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/**
 * Bytes that each of these processes may use in equal shares, including what they use now. Systems other than Linux
 * compress and swap memory without reporting how much they can free; there, the machine's total is shared.
 * @param pids undefined for a process that is not started yet
 */
export function memoryForEach(pids: readonly (number | undefined)[]): number {
  if (process.platform !== 'linux') return totalmem() / pids.length;
  const used = pids.reduce<number>((sum, pid) => sum + (pid === undefined ? 0 : residentSize(pid)), 0);
  return (freeMemory() + used) / pids.length;
}

/** Bytes that can be allocated without swapping or an OOM kill, by the limits of the machine and of all containers around us. */
export function freeMemory(read = readText): number {
  const machine = field(read('/proc/meminfo'), 'MemAvailable:') * 1024;
  return Math.min(machine, ...groups(read).map((group) => freeIn(group, read)));
}

/** Number of OOM kills by the kernel since boot; 0 if unknown. */
export const countOomKills = (read = readText): number => field(read('/proc/vmstat'), 'oom_kill', 0);

interface Group {
  folder: string;
  /** Names of the files with its limits and its usage, and of the fields with its reclaimable caches. */
  limits: readonly string[];
  usage: string;
  caches: readonly string[];
}

const version1 = {
  limits: ['memory.limit_in_bytes'],
  usage: 'memory.usage_in_bytes',
  caches: ['total_inactive_file', 'total_active_file'],
};
const version2 = {
  limits: ['memory.max', 'memory.high'],
  usage: 'memory.current',
  caches: ['inactive_file', 'active_file'],
};

/** The control groups of this process up to the root; the limits of all of them apply. */
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

/** Infinity if there is no limit, or no such folder: a container may not see its own path. */
function freeIn({ folder, limits, usage, caches }: Group, read: Read): number {
  const number = (name: string) => Number.parseInt(read(join(folder, name)), 10);
  const limit = Math.min(...limits.map(number).filter(Number.isFinite));
  if (limit === Number.POSITIVE_INFINITY) return limit;
  const stat = read(join(folder, 'memory.stat'));
  const cached = caches.reduce((sum, name) => sum + field(stat, name, 0), 0);
  return Math.max(0, limit - number(usage) + cached);
}

/** Bytes that a process holds; 0 if it has ended, or where the system does not tell. */
export function residentSize(pid: number): number {
  return field(readText(`/proc/${pid}/status`), 'VmRSS:', 0) * 1024;
}

/** The number after a name at the start of a line. */
function field(text: string, name: string, missing = Number.POSITIVE_INFINITY): number {
  const line = text.split('\n').find((line) => line.startsWith(name) && /\s/.test(line[name.length]));
  return line === undefined ? missing : Number.parseInt(line.slice(name.length), 10);
}
