/** What sidecars may say, and that they reach nothing outside their folder. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readSidecars, sidecarsOf } from '../../src/inbox/sidecar.js';

let around: string;
let inbox: string;
beforeEach(async () => {
  around = await realpath(await mkdtemp(join(tmpdir(), 'sidecar-')));
  inbox = join(around, 'inbox');
  await mkdir(join(inbox, 'day 1', '.styles'), { recursive: true });
  await mkdir(join(around, 'inbox-2'));
  for (const file of ['inbox/sky.jpg', 'inbox/day 1/.styles/sea.jpg', 'inbox-2/other.jpg', 'secret.jpg'])
    await writeFile(join(around, file), 'a picture');
});

const put = (name: string, values: unknown) =>
  writeFile(join(inbox, name), typeof values === 'string' ? values : JSON.stringify(values));
const read = (photo: string) => readSidecars(join(inbox, photo), inbox);

it('are looked for from the inbox down, never above it', () => {
  expect(sidecarsOf('/in/day 1/booth/a.jpg', '/in')).toEqual([
    '/in/.stylize-tui.json',
    '/in/inbox.json',
    '/in/day 1/inbox.json',
    '/in/day 1/booth/inbox.json',
    '/in/day 1/booth/a.jpg.json',
  ]);
  const names = ['.stylize-tui.json', 'inbox.json', 'a.jpg.json'];
  expect(sidecarsOf('/in/a.jpg', '/in')).toEqual(names.map((name) => `/in/${name}`));
  expect(sidecarsOf('/elsewhere/a.jpg', '/in')).toEqual(names.map((name) => `/elsewhere/${name}`));
});

it('say nothing where there are none', async () => {
  expect(await read('a.jpg')).toEqual({ settings: {} });
});

it('add up, the nearest wins, and new styles take the place of how the earlier ones were counted', async () => {
  await put('inbox.json', { size: 100, iterations: 7, styles: ['sky.jpg', 'sky.jpg'], blend: [0.7, 0.3] });
  await put('day 1/inbox.json', { iterations: 8, styles: ['.styles/sea.jpg'] });
  await put('day 1/a.jpg.json', { width: 200 });
  const sea = join(inbox, 'day 1', '.styles', 'sea.jpg');
  expect(await read('day 1/a.jpg')).toEqual({
    settings: { size: 100, iterations: 8, styles: [sea], width: 200 },
    from: join(inbox, 'day 1', 'a.jpg.json'),
    confined: { [sea]: join(inbox, 'day 1'), [join(inbox, 'sky.jpg')]: inbox },
  });
  expect((await read('day 1/b.jpg')).settings).toEqual({ size: 100, iterations: 8, styles: [sea] });
  expect(await read('b.jpg')).toEqual({
    settings: {
      size: 100,
      iterations: 7,
      styles: [join(inbox, 'sky.jpg'), join(inbox, 'sky.jpg')],
      blend: [0.7, 0.3],
    },
    from: join(inbox, 'inbox.json'),
    confined: { [join(inbox, 'sky.jpg')]: inbox },
  });
});

it('keep the defaults of the inbox apart, which are as limited', async () => {
  await put('.stylize-tui.json', { size: 100, preset: 'draft', styles: ['sky.jpg'] });
  await put('inbox.json', { size: 200 });
  const sky = join(inbox, 'sky.jpg');
  expect(await read('day 1/a.jpg')).toEqual({
    settings: { size: 200 },
    defaults: { size: 100, iterations: 10, styles: [sky] },
    from: join(inbox, 'inbox.json'),
    confined: { [sky]: inbox },
  });
  for (const [values, message] of [
    [{ styles: ['../secret.jpg'] }, /\.stylize-tui\.json: \.\.\/secret\.jpg: lies outside/],
    [{ recursive: true }, /\.stylize-tui\.json: there is no setting recursive/],
    [{ log: '/etc/passwd' }, /there is no setting log/],
    [' '.repeat(70_000), /more than 64 KB/],
  ] as const) {
    await put('.stylize-tui.json', values);
    await expect(read('a.jpg')).rejects.toThrow(message);
  }
});

it('may name the paintings that come along', async () => {
  await put('a.jpg.json', { styles: ['great-wave', 'sky.jpg'] });
  const { settings, confined } = await read('a.jpg');
  expect(settings.styles).toEqual([
    expect.stringMatching(/presets\/styles\/great-wave\.jpg$/),
    join(inbox, 'sky.jpg'),
  ]);
  expect(confined).toEqual({ [join(inbox, 'sky.jpg')]: inbox });
  await put('a.jpg.json', { styles: ['great-wafe'] });
  await expect(read('a.jpg')).rejects.toThrow(/a\.jpg\.json: .*Did you mean great-wave\?/);
});

it('may name presets, which stand below what they say themselves', async () => {
  await put('a.jpg.json', '\uFEFF{"preset": ["neural-style", "draft"], "iterations": 5}');
  const { settings } = await read('a.jpg');
  expect(settings).toMatchObject({ optimizer: 'adam', size: 384, iterations: 5 });
});

it.each<[string, unknown, RegExp]>([
  ['no JSON', '{"size": 38', /not JSON/],
  ['nothing', '', /not JSON/],
  ['no object', '["size"]', /expected settings such as \{"size": 384\}/],
  ['an unknown setting', { sise: 3 }, /there is no setting sise/],
  [
    'a wrong value',
    { iterations: 0, pooling: 'MAX' },
    /iterations 0: expected 1 or more; pooling MAX: expected/,
  ],
  ['an unknown preset', { preset: 'nothing' }, /preset "nothing": there are .*draft/],
  ['a preset by its path', { preset: '../x.json' }, /preset "\.\.\/x\.json": there are/],
  ['no name of a preset', { preset: { draft: true } }, /preset \{"draft":true\}: there are/],
  ['a file that is not there', { styles: ['moon.jpg'] }, /moon\.jpg: there is no such file/],
])('is refused with its path: %s', async (_, values, message) => {
  await put('a.jpg.json', values);
  const refusal = await read('a.jpg').catch((error) => error);
  expect(refusal.message).toMatch(message);
  expect(refusal).toMatchObject({ name: 'UserError' });
  expect(refusal.message.startsWith(`${join(inbox, 'a.jpg.json')}: `)).toBe(true);
});

it('cannot move the cursor of a terminal by what a message quotes, nor fill it', async () => {
  await put('a.jpg.json', { pooling: `\u001b[2J\n${'x'.repeat(50_000)}` });
  const { message } = await read('a.jpg').catch((error) => error);
  expect(message).toContain('pooling ?[2J?xxx');
  expect(message).not.toMatch(/\p{Cc}/u);
  expect(message.length).toBeLessThanOrEqual(1000);
});

describe('a file that one names', () => {
  const outside = /lies outside the sidecar's folder/;

  it('may lie below, whatever way leads there', async () => {
    const sea = join(inbox, 'day 1', '.styles', 'sea.jpg');
    await symlink('.styles', join(inbox, 'day 1', 'linked'));
    for (const path of [
      '.styles/sea.jpg',
      './x/../.styles/sea.jpg',
      sea,
      'linked/sea.jpg',
      '../day 1/.styles/sea.jpg',
    ]) {
      await put('day 1/a.jpg.json', { initial: path });
      expect((await read('day 1/a.jpg')).settings, path).toEqual({ initial: sea });
    }
    await put('day 1/a.jpg.json', { network: 'box' });
    expect((await read('day 1/a.jpg')).settings).toEqual({ network: 'box' });
  });

  it('may not lie elsewhere, and it is not told whether it is there', async () => {
    await symlink(around, join(inbox, 'day 1', 'up'));
    await symlink('../../secret.jpg', join(inbox, 'day 1', 'link.jpg'));
    const ways = [
      '../sky.jpg',
      '../nowhere.jpg',
      join(around, 'secret.jpg'),
      join(around, 'nowhere.jpg'),
      '/etc/hostname',
      'up/secret.jpg',
      'link.jpg',
      '.',
      '..',
    ];
    for (const path of ways) {
      await put('day 1/a.jpg.json', { styles: [path] });
      await expect(read('day 1/a.jpg'), path).rejects.toThrow(outside);
    }
    // A name that only begins like the folder's.
    await put('inbox.json', { initial: '../inbox-2/other.jpg' });
    await expect(read('a.jpg')).rejects.toThrow(outside);
  });

  it.each<[string, object]>([
    ['styles', { styles: ['sky.jpg', '../secret.jpg'] }],
    ['masks', { masks: ['../secret.jpg'] }],
    ['a start', { initial: '../secret.jpg' }],
    ['a network', { network: '../secret.jpg' }],
    ['styles of a layer', { layerStyles: { relu1_1: [{ style: '../secret.jpg', share: 1 }] } }],
  ])('is confined as %s', async (_, values) => {
    await put('inbox.json', values);
    await expect(read('a.jpg')).rejects.toThrow(outside);
  });
});

describe('a sidecar', () => {
  const own = () => join(inbox, 'a.jpg.json');

  it('is not followed where it is a link', async () => {
    await writeFile(join(around, 'settings.json'), '{"size": 99}');
    await symlink(join(around, 'settings.json'), own());
    await expect(read('a.jpg')).rejects.toThrow(/a\.jpg\.json: links are not followed/);
  });

  it('is not read where it is larger than any settings', async () => {
    await put('a.jpg.json', '{}');
    await truncate(own(), 1024 ** 3);
    await expect(read('a.jpg')).rejects.toThrow(/a\.jpg\.json: has more than 64 KB/);
  });

  it('is not waited for where it is a pipe, and not taken for one where it is a folder', async () => {
    if (process.platform !== 'win32') {
      execFileSync('mkfifo', [own()]);
      await expect(read('a.jpg')).rejects.toThrow(/expected a file with settings/);
    }
    await mkdir(join(inbox, 'b.jpg.json'));
    await expect(read('b.jpg')).rejects.toThrow(/expected a file with settings/);
  });
});

it('of another program are passed over where they say nothing of ours, and told of where they do', async () => {
  // As a photo service exports them.
  await put('a.jpg.json', {
    title: 'a.jpg',
    description: '',
    imageViews: '3',
    people: [{ name: 'x' }],
    url: '',
  });
  expect(await read('a.jpg')).toEqual({ settings: {} });
  await put('a.jpg.json', { title: 'a.jpg', size: 48 });
  await expect(read('a.jpg')).rejects.toThrow(/there is no setting title/);
  // Nobody else writes a file of this name.
  await put('inbox.json', { title: 'a' });
  await expect(read('b.jpg')).rejects.toThrow(/there is no setting title/);
});

it('may be nested as deep as they like, and are refused with a sentence', async () => {
  const deep = (n: number) => `{"preset":${'['.repeat(n)}${']'.repeat(n)}}`;
  await put('a.jpg.json', deep(32_000));
  await expect(read('a.jpg')).rejects.toThrow(/is nested deeper than settings are/);
  await put('a.jpg.json', `{"styles":["${'['.repeat(50)}"]}`);
  await expect(read('a.jpg')).rejects.toThrow(/no such file/);
});
