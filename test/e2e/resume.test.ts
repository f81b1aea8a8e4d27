/** What is under way when the program dies or is stopped goes on from where it stood. */
import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { PaintEvent } from '../../src/jobs/events.js';
import { relative } from '../reference.js';
import { cat, eventsOf, newFolder, start, startWith, wave } from './program.js';

const flags = [
  '--styles',
  wave,
  '--size',
  '144',
  '--scales',
  '2',
  '--iterations',
  '60',
  '--json',
  '--threads',
  '1',
];
/** Where the second scale begins: 40 % of the steps are for the last one. */
const secondScale = 36;

let inbox: string;
let outbox: string;
beforeAll(async () => {
  inbox = await newFolder();
  outbox = join(inbox, 'stylized');
  await copyFile(cat, join(inbox, 'cat.jpg'));
});

type Of<Name extends PaintEvent['event']> = PaintEvent & { event: Name };
const only = <Name extends PaintEvent['event']>(events: PaintEvent[], name: Name) =>
  events.filter((event): event is Of<Name> => event.event === name);

/** Starts a watch and ends it by a signal once an iteration has passed; returns what it told until then. */
async function cutAt(iteration: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<PaintEvent[]> {
  const program = startWith({ detached: true }, 'watch', inbox, '--once', ...flags);
  let output = '';
  let cut = false;
  program.stdout.on('data', (data) => {
    output += data;
    const reached = Number([...output.matchAll(/"iteration":(\d+),"iterations"/g)].at(-1)?.[1] ?? -1);
    if (cut || reached < iteration) return;
    cut = true;
    // Killed with all it has started, as by a power cut; stopped as a service manager does it.
    process.kill(signal === 'SIGKILL' ? -program.pid! : program.pid!, signal);
  });
  const { exitCode } = await program;
  expect(cut).toBe(true);
  if (signal === 'SIGTERM') expect(exitCode).toBe(143);
  return eventsOf(output.slice(0, output.lastIndexOf('\n') + 1));
}

it('goes on after a crash and after a stop, to a painting as good as without them', async () => {
  const whole = await start(
    'run',
    '--content',
    cat,
    '--output',
    join(await newFolder(), 'whole.jpg'),
    ...flags,
  );
  const [{ losses: expected }] = only(eventsOf(whole.stdout), 'done');

  await cutAt(secondScale + 2, 'SIGKILL');
  const stopped = await cutAt(secondScale + 6, 'SIGTERM');
  // From what was written down when the second scale began.
  expect(only(stopped, 'resumed').map(({ iteration }) => iteration)).toEqual([secondScale]);

  const { stdout, exitCode } = await start('watch', inbox, '--once', ...flags);
  expect(exitCode).toBe(0);
  const events = eventsOf(stdout);
  // Nothing that was painted before the stop is painted again.
  const reached = Math.max(...only(stopped, 'iteration').map(({ iteration }) => iteration));
  expect(only(events, 'resumed')).toMatchObject([{ iteration: expect.any(Number) }]);
  expect(only(events, 'resumed')[0].iteration).toBeGreaterThanOrEqual(reached);
  const [done] = only(events, 'done');
  expect(done.iterations).toBe(60);
  expect(relative(done.losses.total, expected.total)).toBeLessThan(0.01);
  expect((await readdir(outbox)).filter((name) => !name.includes('.sqlite'))).toEqual(['cat.jpg']);

  const again = await start('watch', inbox, '--once', ...flags);
  expect(only(eventsOf(again.stdout), 'skipped')).toHaveLength(1);
});
