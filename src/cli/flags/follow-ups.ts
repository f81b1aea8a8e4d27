/** Flags of what follows each picture: commands, and moves of photos. */
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { parseCommand } from '../../app/follow-ups/command-line.js';
import type { FollowUpFlags } from '../../app/follow-ups/runner.js';
import { makeFolder } from '../../util/atomic-write.js';
import { UserError } from '../../util/errors.js';
import { each, flag, number, text } from './options.js';
import { kebab, seconds, texts } from './values.js';

export interface FollowUpOptions {
  exec?: string[];
  execFailed?: string[];
  execShell: boolean;
  /** In seconds. */
  execTimeout?: number;
  execRetries?: number;
  moveDone?: string;
  moveFailed?: string;
}

const usualTimeout = 60;
const usualRetries = 3;

export function followUpOptions<T>(yargs: Argv<T>) {
  return yargs
    .option(
      'exec',
      each(texts, "Run this after each painting: 'lp {output}'; also {source}, {name}, {style}, {job}"),
    )
    .option('exec-failed', each(texts, 'Run this after each failure, with {source}, {name}, {reason}, {job}'))
    .option('exec-shell', flag('Have /bin/sh run them; values are in $STYLIZE_OUTPUT and so on'))
    .option('exec-timeout', {
      ...text(`Time that a command may take, 90s or 5m (${usualTimeout}s)`),
      coerce: seconds('exec-timeout'),
    })
    .option('exec-retries', number(`How often a command that failed is tried again (${usualRetries})`))
    .option('move-done', text('Move photos to this folder once they are painted'))
    .option('move-failed', text('Move photos to this folder that cannot be painted'))
    .group(
      ['exec', 'exec-failed', 'exec-shell', 'exec-timeout', 'exec-retries', 'move-done', 'move-failed'],
      'What follows each picture (docs/after.md):',
    );
}

/**
 * What the flags ask for; undefined if nothing.
 * @throws UserError for a command that cannot be run
 */
export function followUpsFrom(flags: FollowUpOptions): FollowUpFlags | undefined {
  const { exec = [], execFailed = [], execShell, execTimeout, execRetries, moveDone, moveFailed } = flags;
  const isAny = exec.length > 0 || execFailed.length > 0;
  const lonely = (['execShell', 'execTimeout', 'execRetries'] as const).find((name) => !isAny && flags[name]);
  if (lonely) throw new UserError(`--${kebab(lonely)}: has no effect without --exec or --exec-failed.`);
  if (execRetries !== undefined && !(Number.isInteger(execRetries) && execRetries >= 0))
    throw new UserError(`--exec-retries ${execRetries}: expected a whole number from 0 up.`);
  const parsed = {
    exec: exec.map((line) => parseCommand('--exec', line, execShell)),
    execFailed: execFailed.map((line) => parseCommand('--exec-failed', line, execShell)),
    timeout: 1000 * (execTimeout ?? usualTimeout),
    retries: execRetries ?? usualRetries,
  };
  if (!isAny && moveDone === undefined && moveFailed === undefined) return undefined;
  const [done, failed] = [moveDone, moveFailed].map((folder) => folder && resolve(folder));
  return { ...parsed, moveDone: done, moveFailed: failed };
}

/**
 * Creates the folders that photos are moved to, and resolves links.
 * @throws UserError if one cannot be written
 */
export async function withFolders(followUps: FollowUpFlags): Promise<FollowUpFlags> {
  const made = async (path: string | undefined) => {
    if (path === undefined) return undefined;
    await makeFolder(path);
    return realpath(path);
  };
  const { moveDone, moveFailed } = followUps;
  return { ...followUps, moveDone: await made(moveDone), moveFailed: await made(moveFailed) };
}
