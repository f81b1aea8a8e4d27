import { readFile } from 'node:fs/promises';

const read = (/** @type {string} */ path) => readFile(path, 'utf8').catch(() => '');

/**
 * The processes that a process has started, on Linux; none when it has ended.
 * @param {number} pid
 * @param {string} [module] only those that run this module
 */
export async function childrenOf(pid, module = '') {
  const pids = (await read(`/proc/${pid}/task/${pid}/children`)).split(' ').filter(Boolean);
  const commands = await Promise.all(pids.map((child) => read(`/proc/${child}/cmdline`)));
  return pids.filter((_, i) => commands[i].includes(module)).map(Number);
}
