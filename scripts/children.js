import { readFile } from 'node:fs/promises';

/**
 * The processes that a process has started, on Linux; none when it has ended.
 * @param {number} pid
 */
export const childrenOf = async (pid) =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => ''))
    .split(' ')
    .filter(Boolean)
    .map(Number);
