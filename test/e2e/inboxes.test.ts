/** Several inboxes in one process, with one outbox. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { jobStorePath } from '../../src/app/outbox.js';
import { readProvenance } from '../../src/image/xmp.js';
import { cat, coffee, eventsOf, newFolder, rocket, shallow, start, tiny, wave } from './program.js';
import { open } from './terminal.js';

let folder: string;
let [phone, camera, outbox]: string[] = [];
beforeEach(async () => {
  folder = await newFolder();
  [phone, camera, outbox] = ['phone', 'camera', 'out'].map((name) => join(folder, name));
  for (const inbox of [phone, camera]) mkdirSync(inbox);
  copyFileSync(cat, join(phone, 'a.jpg'));
  copyFileSync(coffee, join(camera, 'a.jpg'));
});
afterEach(() => rm(folder, { recursive: true }));

const how = ['--json', '--style', wave, ...tiny, ...shallow];
const paintings = async () =>
  (await readdir(outbox, { recursive: true })).filter((name) => /\.jpg$/.test(name)).sort();

it('paints each inbox with its own defaults into its own subfolder, and the same photo once', async () => {
  writeFileSync(join(camera, '.stylize-tui.json'), '{"seed": 7, "styleLoss": "gram"}');
  copyFileSync(cat, join(camera, 'copy.jpg'));
  const watch = () => start('watch', phone, camera, '-o', outbox, '--once', ...how);
  const first = await watch();
  expect([first.exitCode, first.stderr]).toEqual([0, '']);
  expect(await paintings()).toEqual(['camera/a.jpg', 'camera/copy.jpg', 'phone/a.jpg']);
  const settings = async (name: string) => (await readProvenance(join(outbox, name))).settings;
  expect(await settings('camera/a.jpg')).toMatchObject({ seed: 7, styleLoss: 'gram' });
  expect(await settings('phone/a.jpg')).toMatchObject({ seed: 0, styleLoss: 'wasserstein' });

  // One list of finished pictures, which is built again from all paintings.
  rmSync(jobStorePath(outbox));
  const second = await watch();
  expect(second.stderr).toMatch(/contains the 3 whose recipe was found/);
  expect(eventsOf(second.stdout).map(({ event }) => event)).toEqual(['skipped', 'skipped', 'skipped']);

  rmSync(join(camera, '.stylize-tui.json'));
  copyFileSync(rocket, join(phone, 'b.jpg'));
  copyFileSync(rocket, join(camera, 'b.jpg'));
  const third = eventsOf((await watch()).stdout);
  // Camera's a.jpg is painted with the flags; of the two b.jpg, one.
  expect(third.filter(({ event }) => event === 'done')).toHaveLength(2);
});

it('goes on with the others while one is away, and takes it in once it is there', async () => {
  rmSync(camera, { recursive: true });
  const program = start('watch', phone, camera, '-o', outbox, ...how);
  let told = '';
  program.stderr.on('data', (data) => {
    told += data;
  });
  let done = 0;
  for await (const line of program) {
    if (!String(line).includes('"done"')) continue;
    done++;
    if (done === 2) {
      program.kill('SIGINT');
      continue;
    }
    expect(told).toMatch(/camera: .*The other inboxes go on/s);
    mkdirSync(camera);
    copyFileSync(coffee, join(camera, 'late.jpg'));
  }
  expect((await program).exitCode).toBe(130);
  expect(await paintings()).toEqual(['camera/late.jpg', 'phone/a.jpg']);
});

it('pauses one while the other goes on, and waits for it', async () => {
  const flags = ['--once', '--style', wave, '--size', '64', '--iterations', '80', '--scales', '1'];
  const args = ['watch', phone, camera, '-o', outbox, ...flags, '--threads', '1', ...shallow];
  const { press, until, exited, text } = open(args, 80, 24);
  // The first is painted, the other waits.
  await until(/waiting 1 /);
  await until(/a\.jpg → /);
  press(' ');
  await until(/PAUSED/);
  press('Q');
  await until(/painting (phone|camera)\/a\.jpg .*PAUSED\n waiting {2}(phone|camera)\/a\.jpg/);
  press('jI');
  await until(/held +(phone|camera)\/a\.jpg/);
  const held = /held +(phone|camera)/.exec(text())![1];
  expect(text()).toContain(`${held} is paused; I in the queue resumes it.`);
  press(' Q');
  await until(/1 picture is held/);
  expect(await paintings()).toEqual([`${held === 'phone' ? 'camera' : 'phone'}/a.jpg`]);
  press('QI');
  expect(await exited).toBe(0);
  expect(await paintings()).toEqual(['camera/a.jpg', 'phone/a.jpg']);
});

it('says what several inboxes need', async () => {
  const watch = (...words: string[]) => start('watch', ...words, '--once', ...how);
  const bare = await watch(phone, camera);
  expect([bare.exitCode, bare.stderr]).toEqual([2, expect.stringMatching(/several inboxes need --output/)]);
  mkdirSync(join(phone, 'sub'));
  const nested = await watch(phone, join(phone, 'sub'), '-o', outbox);
  expect(nested.stderr).toMatch(/phone\/sub: lies in .*phone, which is an inbox too/);
});
