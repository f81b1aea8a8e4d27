/** Photos with sidecars, painted by the real program. */
import { copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { readProvenance } from '../../src/image/xmp.js';
import type { PaintEvent } from '../../src/render/events.js';
import { eventsOf, newFolder, scream, screamNote, start, wave } from './program.js';

/** A photo like no other of that hue. */
const photo = (hue: number) =>
  sharp({ create: { width: 80, height: 60, channels: 3, background: `hsl(${hue}, 50%, 50%)` } })
    .jpeg()
    .toBuffer();

it('paints each photo as its sidecars say, and fails only those whose sidecars are bad', async () => {
  const around = await newFolder();
  const inbox = join(around, 'inbox');
  const outbox = join(inbox, 'stylized');
  await mkdir(join(inbox, 'day 1'), { recursive: true });
  await mkdir(join(inbox, '.styles'));
  const put = (name: string, data: Uint8Array | object) =>
    writeFile(join(inbox, name), data instanceof Uint8Array ? data : JSON.stringify(data));
  const names = ['plain', 'own', 'bad', 'outside', 'link', 'day 1/a', 'day 1/b'].map((name) => `${name}.jpg`);
  for (const [i, name] of names.entries()) await put(name, await photo(50 * i));
  await copyFile(scream, join(inbox, '.styles', 'scream.jpg'));
  await copyFile(scream, join(around, 'secret.jpg'));
  await symlink(join(around, 'secret.jpg'), join(inbox, '.styles', 'secret.jpg'));

  await put('own.jpg.json', { size: 48, iterations: 3, styles: ['.styles/scream.jpg'] });
  await put('bad.jpg.json', { sise: 48 });
  await put('outside.jpg.json', { initial: '../secret.jpg' });
  await put('link.jpg.json', { styles: ['.styles/secret.jpg'] });
  await put('day 1/inbox.json', { iterations: 4, contentWeight: 7 });
  await put('day 1/b.jpg.json', { iterations: 1 });

  const flags = ['--styles', wave, '--size', '64', '--iterations', '2', '--scales', '1', '--threads', '1'];
  const watch = async () => {
    const ended = await start('watch', inbox, '--once', '--recursive', '--json', ...flags);
    expect(ended.stderr.replace(screamNote, '')).toBe('');
    return { exitCode: ended.exitCode, events: eventsOf(ended.stdout) };
  };
  /** Events of one kind, by photo. */
  const byPhoto = <Kind extends PaintEvent['event']>(events: PaintEvent[], kind: Kind) => {
    const those = events.filter((event): event is PaintEvent & { event: Kind } => event.event === kind);
    return Object.fromEntries(
      those.map((event) => ['source' in event && relative(inbox, event.source), event]),
    );
  };

  const first = await watch();
  expect(first.exitCode).toBe(1);
  const inboxScream = join(inbox, '.styles', 'scream.jpg');
  expect(byPhoto(first.events, 'started')).toMatchObject({
    'plain.jpg': { width: 64, iterations: 2, styles: [wave] },
    'own.jpg': { width: 48, iterations: 3, styles: [inboxScream] },
    'day 1/a.jpg': { width: 64, iterations: 4, styles: [wave], weights: { content: 7 } },
    'day 1/b.jpg': { width: 64, iterations: 1, styles: [wave], weights: { content: 7 } },
  });
  expect(Object.keys(byPhoto(first.events, 'done')).sort()).toEqual(
    ['day 1/a.jpg', 'day 1/b.jpg', 'own.jpg', 'plain.jpg'].sort(),
  );
  const failed = byPhoto(first.events, 'failed');
  expect(Object.keys(failed).sort()).toEqual(['bad.jpg', 'link.jpg', 'outside.jpg']);
  expect(failed['bad.jpg'].reason).toBe(
    `${join(inbox, 'bad.jpg.json')}: there is no setting sise (did you mean size?).`,
  );
  expect(failed['outside.jpg'].reason).toMatch(/outside\.jpg\.json: \.\.\/secret\.jpg: lies outside/);
  expect(failed['link.jpg'].reason).toMatch(/link\.jpg\.json: \.styles\/secret\.jpg: lies outside/);
  const { settings, files } = await readProvenance(join(outbox, 'own.jpg'));
  expect(settings).toMatchObject({ size: 48, iterations: 3, styles: [inboxScream] });
  expect(files[inboxScream]).toMatch(/^[\da-f]{64}$/);

  // One is fixed, one changes, one goes: these are painted under new names, and nothing else is.
  const before = await readFile(join(outbox, 'own.jpg'));
  await put('bad.jpg.json', { size: 60 });
  await put('own.jpg.json', { size: 60 });
  await rm(join(inbox, 'day 1', 'b.jpg.json'));
  const second = await watch();
  expect(second.exitCode).toBe(0);
  const outputs = second.events.flatMap((event) =>
    event.event === 'done' ? [relative(outbox, event.output)] : [],
  );
  expect(outputs.sort()).toEqual(['bad.jpg', 'day 1/b-2.jpg', 'own-2.jpg']);
  expect((await readFile(join(outbox, 'own.jpg'))).equals(before)).toBe(true);
  expect(byPhoto(second.events, 'skipped')['link.jpg'].reason).toMatch(/^it fails as before: .*lies outside/);

  // Settings that are painted already are known as such, by the paintings alone too.
  await put('own.jpg.json', { size: 48, iterations: 3, styles: ['.styles/scream.jpg'] });
  await rm(join(outbox, '.stylize-tui.sqlite'));
  const third = await start('watch', inbox, '--once', '--no-tui', ...flags);
  expect(third.stderr).toMatch(/The new list of finished pictures/);
  expect(third.stdout).toMatch(/own\.jpg: skipped: already painted: .*own\.jpg/);
  expect(third.stdout).not.toMatch(/done in/);
  expect(third.stderr).toMatch(/^link\.jpg: failed: link\.jpg\.json: \.styles\/secret\.jpg: lies outside/m);
});

it('needs no flags where the inbox says it all itself', async () => {
  const inbox = await newFolder();
  await writeFile(join(inbox, 'a.jpg'), await photo(10));
  const own = { preset: 'starry-night', size: 48, iterations: 1, scales: 1 };
  await writeFile(join(inbox, 'inbox.json'), JSON.stringify(own));
  const { exitCode, stdout } = await start('watch', inbox, '--once', '--json', '--threads', '1');
  expect(exitCode).toBe(0);
  expect(eventsOf(stdout).find(({ event }) => event === 'started')).toMatchObject({
    width: 48,
    styles: [expect.stringMatching(/starry-night\.jpg$/)],
  });
});

it('may not ask for days of work, nor for anything if the operator says so', async () => {
  const inbox = await newFolder();
  await writeFile(join(inbox, 'a.jpg'), await photo(10));
  await writeFile(join(inbox, 'b.jpg'), await photo(90));
  await writeFile(join(inbox, 'a.jpg.json'), '{"width": 8192, "iterations": 100000}');
  await writeFile(join(inbox, 'b.jpg.json'), '{"size": 48, "iterations": 3}');
  const flags = ['--styles', wave, '--size', '64', '--iterations', '2', '--scales', '1', '--threads', '1'];
  const watch = (...more: string[]) => start('watch', inbox, '--once', '--json', ...flags, ...more);
  const first = eventsOf((await watch()).stdout);
  expect(first.find(({ event }) => event === 'failed')).toMatchObject({
    source: join(inbox, 'a.jpg'),
    reason: expect.stringMatching(/a\.jpg\.json: asks for 819200000 times .* at most 200 .*--sidecar-limit/),
  });
  expect(first.find(({ event }) => event === 'started')).toMatchObject({ width: 48, iterations: 3 });
  const second = eventsOf((await watch('--sidecar-limit', '0')).stdout);
  expect(second.filter(({ event }) => event === 'started')).toMatchObject([
    { source: join(inbox, 'a.jpg'), width: 64, iterations: 2 },
    { source: join(inbox, 'b.jpg'), width: 64, iterations: 2 },
  ]);
  expect((await watch('--sidecar-limit', 'many')).exitCode).toBe(2);
});
