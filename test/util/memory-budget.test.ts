import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { countOomKills, freeMemory, memoryForEach } from '../../src/util/memory-budget.js';

const gigabyte = 1024 ** 3;
const meminfo = 'MemTotal:       16777216 kB\nMemFree:          500000 kB\nMemAvailable:    8388608 kB\n';

/** A machine with 8 GB free, and these files besides. */
const machine = (files: Record<string, string>) => (path: string) =>
  ({ '/proc/meminfo': meminfo, '/proc/self/cgroup': '0::/\n', ...files })[path] ?? '';

const version2 = (folder: string, max: string, current: number, stat = '') => ({
  [`${folder}/memory.max`]: `${max}\n`,
  [`${folder}/memory.current`]: `${current}\n`,
  [`${folder}/memory.stat`]: stat,
});

describe('freeMemory', () => {
  it('is what the machine has, without groups or without limits', () => {
    expect(freeMemory(machine({ '/proc/self/cgroup': '' }))).toBe(8 * gigabyte);
    expect(freeMemory(machine(version2('/sys/fs/cgroup', 'max', gigabyte)))).toBe(8 * gigabyte);
  });

  it("counts a container's file cache as free, and not its working memory", () => {
    const stat = `anon ${gigabyte}\nfile ${2 * gigabyte}\ninactive_file ${gigabyte / 2}\nactive_file ${gigabyte}\n`;
    const files = version2('/sys/fs/cgroup', String(4 * gigabyte), 3 * gigabyte, stat);
    expect(freeMemory(machine(files))).toBe(2.5 * gigabyte);
  });

  it('takes the narrowest of all groups around it, and of hard and soft limits', () => {
    const inner = '/sys/fs/cgroup/system.slice/painter.service';
    const files = {
      '/proc/self/cgroup': '0::/system.slice/painter.service\n',
      ...version2(inner, String(6 * gigabyte), gigabyte),
      ...version2('/sys/fs/cgroup/system.slice', String(3 * gigabyte), 2 * gigabyte),
    };
    expect(freeMemory(machine(files))).toBe(gigabyte);
    const high = { [`${inner}/memory.high`]: `${1.5 * gigabyte}\n` };
    expect(freeMemory(machine({ ...files, ...high }))).toBe(0.5 * gigabyte);
  });

  it('is what the machine has where a container may use more than that', () => {
    expect(freeMemory(machine(version2('/sys/fs/cgroup', String(64 * gigabyte), 0)))).toBe(8 * gigabyte);
  });

  it('reads version 1, whose files lie at the root of a container that does not see its own path', () => {
    const files = {
      '/proc/self/cgroup': '5:cpu,cpuacct:/docker/af1\n4:memory:/docker/af1\n0::/docker/af1\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${2 * gigabyte}\n`,
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': `${gigabyte}\n`,
      '/sys/fs/cgroup/memory/memory.stat': `inactive_file 1\ntotal_inactive_file ${gigabyte / 4}\ntotal_active_file 0\n`,
    };
    expect(freeMemory(machine(files))).toBe(1.25 * gigabyte);
  });

  it('is never below nothing', () => {
    expect(freeMemory(machine(version2('/sys/fs/cgroup', String(gigabyte), 2 * gigabyte)))).toBe(0);
  });
});

it('counts what the kernel ended, and nothing where it does not tell', () => {
  expect(countOomKills(machine({ '/proc/vmstat': 'oom_kill_other 9\npgfault 7\noom_kill 3\n' }))).toBe(3);
  expect(countOomKills(machine({}))).toBe(0);
});

it.runIf(process.platform === 'linux')('counts as room what a process holds already', async () => {
  const held = 300e6;
  const script = `const held = Buffer.alloc(${held}, 1); console.log('held'); setInterval(() => held, 1000)`;
  const child = spawn(process.execPath, ['-e', script]);
  await once(child.stdout, 'data');
  const alone = Number(/MemTotal:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))![1]) * 1024;
  const before = memoryForEach([undefined]);
  const room = memoryForEach([child.pid]);
  // What else is free changes under our hands, but not by so much.
  expect(room - before).toBeGreaterThan(held / 2);
  expect(room).toBeLessThan(alone);
  expect(memoryForEach([child.pid, undefined])).toBeLessThan(0.75 * room);
  child.kill();
});
