/** stylize-tui jobs: lists, shows, retries and forgets the jobs of a folder. */
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { jobStorePath } from '../../app/outbox.js';
import { isThere } from '../../queue/database.js';
import { type JobRecord, type Status, statuses } from '../../queue/job.js';
import { describe } from '../../queue/lease.js';
import { JobStore } from '../../queue/store.js';
import { detectLook } from '../../tui/look.js';
import { UserError } from '../../util/errors.js';
import { say } from '../../util/say.js';
import { didYouMean } from '../../util/suggest.js';
import { flag } from '../flags/options.js';
import { jobDetails, jobLines } from '../job-lines.js';

interface ListFlags {
  folder: string;
  json: boolean;
  waiting: boolean;
  done: boolean;
  failed: boolean;
  skipped: boolean;
}

interface Words {
  /** Numbers of jobs, and a folder. */
  jobs?: string[];
}

export const jobsCommand: CommandModule<object, ListFlags> = {
  command: 'jobs',
  describe: 'Painted, failed and waiting pictures: list, show, retry, rerun, forget',
  builder: (yargs) =>
    yargs
      .command('$0 [folder]', 'List jobs, the latest last', listOptions, list)
      .command('show <jobs..>', 'Show all details of jobs', words, show)
      .command('retry [jobs..]', 'Retry failed jobs; all of them without a number', words, retry)
      .command(
        'rerun [jobs..]',
        'Run failed commands (--exec) and moves again; all without a number',
        words,
        rerun,
      )
      .command('forget <jobs..>', 'Forget jobs, so that their photos are painted again', words, forget)
      .example('$0 jobs ./inbox --failed', '')
      .example('$0 jobs retry 12 13 ./inbox', '')
      .example('$0 jobs show 12', '')
      .example('$0 jobs forget 12 13', '') as unknown as Argv<ListFlags>,
  handler: () => {},
};

const listOptions = (yargs: Argv) =>
  yargs
    .positional('folder', {
      type: 'string',
      default: '.',
      describe: 'An inbox, or the folder of its paintings',
    })
    .option('waiting', flag('Only those that are waiting or being painted'))
    .option('done', flag('Only those that were painted'))
    .option('failed', flag('Only those that failed'))
    .option('skipped', flag('Only those that were skipped by hand'))
    .option('json', flag('One JSON object per line')) as Argv<ListFlags>;

const words = (yargs: Argv) =>
  yargs.positional('jobs', {
    type: 'string',
    array: true,
    describe: 'Numbers of jobs, and the folder if it is not the current one',
  }) as Argv<Words>;

async function list({ folder, json, waiting, ...ended }: ListFlags): Promise<void> {
  const store = storeOf(folder);
  const wanted: Record<Status, boolean> = { ...ended, waiting, running: waiting };
  const isAll = !Object.values(wanted).includes(true);
  function* chosen() {
    for (const job of store.history.records()) if (isAll || wanted[job.status]) yield job;
  }
  if (json) {
    // Not shortened, as lines for people are.
    for (const job of chosen())
      if (!process.stdout.write(`${JSON.stringify(job)}\n`)) await once(process.stdout, 'drain');
    return;
  }
  const width = Math.max(60, process.stdout.columns || 80);
  for (const line of jobLines(chosen, width, detectLook())) {
    say(line);
    if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
  }
  const counts = new Map<Status, number>();
  for (const { status } of store.history.records()) counts.set(status, (counts.get(status) ?? 0) + 1);
  const found = statuses.filter((status) => counts.has(status));
  say(found.map((status) => `${counts.get(status)} ${status}`).join(', ') || 'nothing painted yet');
  const { failed = 0, unknown = 0 } = store.followUps.counts();
  if (failed + unknown > 0)
    say(`commands and moves: ${failed} failed, ${unknown} may have run (stylize-tui jobs rerun)`);
  const worker = store.worker();
  say(worker ? `running now: ${describe(worker)}` : 'no stylize-tui is running here');
}

function show({ jobs: words }: Words): void {
  const { jobs } = choose(words);
  if (jobs.length === 0) throw new UserError('jobs show: which one? Give its number.');
  say(...jobs.flatMap((job, i) => [...(i > 0 ? [''] : []), ...jobDetails(job)]));
}

function retry({ jobs: words }: Words): void {
  const { store, jobs } = choose(words);
  const wrong = jobs.find(({ status }) => status !== 'failed');
  if (wrong)
    throw new UserError(
      `${wrong.id}: is ${wrong.status}, not failed. To paint its photo again: stylize-tui jobs forget ${wrong.id}.`,
    );
  const failed =
    jobs.length > 0 ? jobs : [...store.history.records()].filter(({ status }) => status === 'failed');
  if (failed.length === 0) return say('Nothing failed.');
  store.history.wantRetry(failed.map(({ id }) => id));
  const when = store.worker()
    ? 'the running stylize-tui will start them within seconds'
    : 'stylize-tui watch will paint them at its next start';
  say(`${count(failed.length)} to be retried: ${when}.`);
}

function rerun({ jobs: words }: Words): void {
  const { store, jobs } = choose(words);
  const { unknown = 0 } = store.followUps.counts();
  const n = store.followUps.rerun(jobs.length > 0 ? jobs.map(({ id }) => id) : undefined);
  const when = store.worker()
    ? 'the running stylize-tui does so within seconds'
    : 'stylize-tui watch does so at its next start with the same flags';
  say(n === 0 ? 'Nothing to run again.' : `${n} to be run again: ${when}.`);
  // Nobody wants a picture printed twice without having said so.
  if (jobs.length === 0 && unknown > 0)
    say(`${unknown} may have run when the program ended. Give their numbers to run them again.`);
}

function forget({ jobs: words }: Words): void {
  const { store, jobs } = choose(words);
  if (jobs.length === 0) throw new UserError('jobs forget: which ones? Give their numbers.');
  const inUse = jobs.find(({ status }) => status === 'waiting' || status === 'running');
  const worker = store.worker();
  if (inUse && worker)
    throw new UserError(`${inUse.id}: is in the queue of ${describe(worker)}. Stop that first.`);
  store.history.forget(jobs.map(({ id }) => id));
  say(`${count(jobs.length)} forgotten. No pictures were deleted. Photos that are still in the inbox`);
  say('are painted again at the next start of stylize-tui watch.');
}

const count = (n: number) => `${n} ${n === 1 ? 'job' : 'jobs'}`;

/**
 * Separates the numbers from the folder, and looks up the jobs.
 * @throws UserError for a job that does not exist
 */
function choose(words: readonly string[] = []): { store: JobStore; jobs: JobRecord[] } {
  const isNumber = (word: string) => /^\d+$/.test(word);
  const [folder = '.', another] = words.filter((word) => !isNumber(word));
  if (another !== undefined)
    throw new UserError(`${another}: expected numbers of jobs and one folder, got two folders.`);
  const store = storeOf(folder);
  const jobs = words.filter(isNumber).map((word) => {
    const job = store.history.record(Number(word));
    if (!job) throw new UserError(`${word}: there is no such job. stylize-tui jobs lists them.`);
    return job;
  });
  return { store, jobs };
}

/**
 * The job store in an outbox, or in the default outbox of an inbox.
 * @throws UserError if there is none
 */
function storeOf(folder: string): JobStore {
  const given = resolve(folder);
  const path = [given, join(given, 'stylized')].map(jobStorePath).find(isThere);
  if (path !== undefined) return new JobStore(path);
  const hint = isThere(given) ? '' : didYouMean(folder, ['show', 'retry', 'rerun', 'forget']);
  throw new UserError(
    `${given}: nothing was painted here by stylize-tui watch.${hint} Name an inbox, or the folder of its paintings.`,
  );
}
