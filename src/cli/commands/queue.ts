/** stylize-tui queue: shows and controls a queue that several machines share. */
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Argv, CommandModule } from 'yargs';
import { type SharedFlags, sharedAddress } from '../../app/shared.js';
import { addressVariable } from '../../cluster/address.js';
import { Administration, type Status } from '../../cluster/administration.js';
import { serveDashboard } from '../../cluster/dashboard.js';
import { UserError } from '../../util/errors.js';
import { duration } from '../../util/format.js';
import { say } from '../../util/say.js';
import { flag, number, sharedOptions, text } from '../flags/options.js';

interface QueueFlags extends SharedFlags {
  json: boolean;
}

interface DashboardFlags extends QueueFlags {
  host: string;
  port: number;
  writable: boolean;
}

/** Milliseconds that a server may take to answer. */
const patience = 5000;

export const queueCommand: CommandModule<object, QueueFlags> = {
  command: 'queue',
  describe: 'Show and control a queue that several machines share',
  builder: (yargs) =>
    sharedOptions(yargs)
      .command('status', 'What waits, what is being painted, and by whom', json, status)
      .command('workers', 'The programs that paint from it', json, workers)
      .command('pause', 'Finish the current pictures and start no others', none, pause)
      .command('resume', 'Start pictures again after pause', none, resume)
      .command('drain', 'Remove all waiting pictures from the queue', confirmation, drain)
      .command('retry', 'Put failed pictures back into the queue', none, retry)
      .command('dashboard', 'Show the queue in a browser (Bull Board)', dashboardOptions, dashboard)
      .demandCommand(1, 'queue: what to do? One of status, workers, pause, resume, drain, retry, dashboard.')
      .example('$0 queue status --queue redis://host', '') as unknown as Argv<QueueFlags>,
  handler: () => {},
};

const none = (yargs: Argv) => yargs as Argv<QueueFlags>;
const json = (yargs: Argv) => yargs.option('json', flag('As JSON')) as unknown as Argv<QueueFlags>;
const confirmation = (yargs: Argv) =>
  yargs.option('yes', flag('Do not ask')) as unknown as Argv<QueueFlags & { yes: boolean }>;
const dashboardOptions = (yargs: Argv) =>
  yargs
    .option('host', {
      ...text('Address to listen on; others than this machine can then see the queue'),
      default: '127.0.0.1',
    })
    .option('port', { ...number('Port to listen on; 0: any free one'), default: 3000 })
    .option('writable', flag('Let its buttons remove and retry pictures')) as unknown as Argv<DashboardFlags>;

async function status({ json, ...flags }: QueueFlags): Promise<void> {
  const found = await administer(flags, (queue) => queue.status());
  if (json) return say(JSON.stringify(found));
  say(...statusLines(found));
}

function statusLines({ isPaused, counts, pictures, workers }: Status): string[] {
  const { waiting, painting, painted, failed } = counts;
  const parts = [
    `${waiting} waiting`,
    `${painting} being painted`,
    `${painted} painted and not collected yet`,
    `${failed} failed`,
  ];
  const rows = pictures.map(({ name, worker, iteration, iterations, secondsLeft }) => [
    name,
    iteration === undefined ? 'starting' : `${iteration}/${iterations}`,
    secondsLeft === undefined ? '' : `${duration(secondsLeft)} left`,
    worker ?? '',
  ]);
  return [
    `${parts.join(', ')}${isPaused ? '; paused: queue resume starts more' : ''}`,
    ...table(rows),
    `${workers.length} ${workers.length === 1 ? 'worker' : 'workers'}${workers.length > 0 ? `: ${workers.join(', ')}` : ''}`,
  ];
}

async function workers({ json, ...flags }: QueueFlags): Promise<void> {
  const { workers, pictures } = await administer(flags, (queue) => queue.status());
  const rows = workers.map((worker) => ({
    worker,
    pictures: pictures.filter((picture) => picture.worker === worker),
  }));
  if (json) return say(JSON.stringify(rows));
  if (rows.length === 0)
    return say('No worker is there. On each machine: stylize-tui work --queue … --store …');
  say(
    ...table(
      rows.map(({ worker, pictures }) => [worker, pictures.map(({ name }) => name).join(', ') || 'idle']),
    ),
  );
}

async function pause(flags: QueueFlags): Promise<void> {
  await administer(flags, (queue) => queue.pause());
  say('Paused: workers finish their pictures and start no others. queue resume starts more.');
}

async function resume(flags: QueueFlags): Promise<void> {
  await administer(flags, (queue) => queue.resume());
  say('Resumed.');
}

async function drain({ yes, ...flags }: QueueFlags & { yes: boolean }): Promise<void> {
  await administer(flags, async (queue) => {
    const { waiting } = (await queue.status()).counts;
    if (waiting === 0) return say('Nothing is waiting.');
    if (!yes && !(await isConfirmed(`Remove ${waiting} waiting pictures from the queue?`)))
      return say('Nothing was removed.');
    const removed = await queue.drain();
    say(`${removed} removed. Their photos are where they were; watch --force paints them.`);
  });
}

/** @throws UserError where nobody can be asked */
async function isConfirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UserError(`${question} Pass --yes if so.`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} [y/N] `).finally(() => terminal.close());
  return /^y(es)?$/i.test(answer.trim());
}

async function retry(flags: QueueFlags): Promise<void> {
  const retried = await administer(flags, (queue) => queue.retry());
  say(retried === 0 ? 'Nothing failed.' : `${retried} put back into the queue.`);
}

async function dashboard({ host, port, writable, ...flags }: DashboardFlags): Promise<void> {
  await administer(flags, async (queue) => {
    const served = await serveDashboard(queue.lanes, { host, port, writable }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error instanceof UserError || !error.code) throw error;
        throw new UserError(
          `--host ${host} --port ${port}: cannot be used (${error.code}). Choose another --port.`,
        );
      },
    );
    say(`${served.url} shows the queue${writable ? '' : ', read-only'}. Ctrl-C ends it.`);
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    served.close();
  });
}

/** @throws UserError if the server does not answer */
async function administer<T>(flags: SharedFlags, work: (queue: Administration) => Promise<T>): Promise<T> {
  const address = await sharedAddress(flags);
  if (!address)
    throw new UserError(`Which queue? Name it with --queue redis://host, or in ${addressVariable}.`);
  let reason = 'no answer';
  const onError = (error: NodeJS.ErrnoException) => {
    reason = error.code || error.message || reason;
  };
  const ended = new AbortController();
  const { signal } = ended;
  const opening = Administration.open({ address, name: flags.queueName, onError, signal });
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new UserError(
            `${address.shown}: the queue does not answer (${reason}). Check the address, and that its server runs.`,
          ),
        ),
      patience,
    );
  });
  try {
    const queue = await Promise.race([opening.then((queue) => queue.ready()), silence]);
    clearTimeout(timer);
    return await work(queue);
  } finally {
    clearTimeout(timer);
    // A server that does not answer must not hold up the end.
    ended.abort();
    const closing = opening.then(
      (queue) => queue.close(),
      () => {},
    );
    await Promise.race([closing, sleep(2000, undefined, { ref: false })]);
  }
}

function table(rows: readonly string[][]): string[] {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths![i])).join('  ')}`.trimEnd());
}
