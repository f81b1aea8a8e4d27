import { spawnSync } from 'node:child_process';
import {
  appendFile,
  mkdir,
  mkdtemp,
  open as openFile,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Arrival, type InboxOptions, openInbox } from '../../src/inbox/inbox.js';
import { hashBytes } from '../../src/util/hash.js';

const cat = await readFile(fileURLToPath(new URL('../../samples/cat.jpg', import.meta.url)));
const small = await sharp(cat).resize(48, 48).jpeg().toBuffer();
/** No sweep, so that what is found was told of. */
const patience = { settle: 150, forgive: 450, sweep: 1e6, poll: 100 };
/** Longer than it takes to settle, and longer than is forgiven too. */
const [stall, longStall] = [210, 900];

let folder: string;
let stop: AbortController;
let said: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inbox-'));
  stop = new AbortController();
  said = [];
});
afterEach(() => stop.abort());

const put = (name: string, data: Uint8Array | string = cat) => writeFile(join(folder, name), data);
const age = (name: string, seconds: number) => {
  const time = Date.now() / 1000 - seconds;
  return utimes(join(folder, name), time, time);
};
const open = (options: Partial<InboxOptions> = {}) =>
  openInbox(
    {
      folder,
      outbox: join(folder, 'stylized'),
      recursive: false,
      patience,
      say: (text) => said.push(text),
      ...options,
    },
    stop.signal,
  );

async function next(arrivals: AsyncGenerator<Arrival>): Promise<Arrival> {
  const { value, done } = await arrivals.next();
  if (done) throw new Error('there are no more arrivals');
  return value;
}

/** The next `count` arrivals by name, with what they are unless pictures. */
async function take(arrivals: AsyncGenerator<Arrival>, count: number): Promise<string[]> {
  const names: string[] = [];
  while (names.length < count) {
    const { value, done } = await arrivals.next();
    if (done) break;
    names.push(relative(folder, value.path) + (value.kind === 'picture' ? '' : ` ${value.kind}`));
  }
  return names;
}

it('brings what is there, oldest first, and ends with --once', async () => {
  for (const [name, seconds] of [
    ['c.jpg', 50],
    ['a.jpg', 40],
    ['b.jpg', 60],
  ] as const) {
    await put(name);
    await age(name, seconds);
  }
  await put('notes.txt', 'no picture');
  await put('.hidden.jpg');
  await put('~draft.jpg');
  await put('half.jpg.part');
  await mkdir(join(folder, 'folder.jpg'));
  expect(await take(open({ once: true }), 99)).toEqual(['b.jpg', 'c.jpg', 'a.jpg']);
});

it('tells once of photos that are not read, and of others under any of their names', async () => {
  for (const name of ['a.jxl', 'b.JXL', 'c.cr2', 'd.jfif', 'e.jpe', 'notes.txt']) await put(name);
  const arrivals = open();
  expect((await take(arrivals, 2)).sort()).toEqual(['d.jfif', 'e.jpe']);
  expect(said.sort()).toEqual([
    expect.stringMatching(/[ab]\.(jxl|JXL) and 1 more: JPEG XL is not supported\. Save photos as/),
    expect.stringMatching(/c\.cr2: raw camera data is not supported\./),
  ]);
  await put('d.jxl');
  await put('f.jpg', small);
  expect(await take(arrivals, 1)).toEqual(['f.jpg']);
  expect(said).toHaveLength(2);
});

it('brings arrivals: dropped, renamed into place, and not from the outbox', async () => {
  const arrivals = open();
  await put('old.jpg');
  expect(await take(arrivals, 1)).toEqual(['old.jpg']);
  await mkdir(join(folder, 'stylized'));
  await put('stylized/painted.jpg');
  await mkdir(join(folder, 'folder.jpg'));
  await put('moving.jpg.part');
  await rename(join(folder, 'moving.jpg.part'), join(folder, 'moved.jpg'));
  expect(await take(arrivals, 1)).toEqual(['moved.jpg']);
  await put('new.jpg');
  expect(await take(arrivals, 1)).toEqual(['new.jpg']);
});

describe.each(['photo.jpg.part', 'photo.Kx2b_f.jpg.part', 'photo.jpg.crdownload'])(
  'a download into %s beside an empty file',
  (download) => {
    const finish = async (after: number) => {
      await pause(after);
      await put(download, cat.subarray(0, 9000));
      await pause(stall);
      await put(download);
      await rename(join(folder, download), join(folder, 'photo.jpg'));
    };

    it('is waited for, and holds up no other', async () => {
      await put('photo.jpg', '');
      await put(download, '');
      const arrivals = open();
      await put('other.jpg', small);
      expect(await take(arrivals, 1)).toEqual(['other.jpg']);
      const finished = finish(longStall);
      expect(await take(arrivals, 1)).toEqual(['photo.jpg']);
      await finished;
    });

    it('is waited for with --once as long as it goes on, and then fails by its name', async () => {
      await put('photo.jpg', '');
      await put(download, '');
      const finished = finish(stall);
      expect(await take(open({ once: true }), 9)).toEqual(['photo.jpg']);
      await finished;
      await put('photo.jpg', '');
      await put(download, cat.subarray(0, 9000));
      expect(await next(open({ once: true }))).toMatchObject({
        kind: 'bad',
        reason: expect.stringContaining(`its download (${download}) is not finished`),
      });
    });
  },
);

describe('a slow copy', () => {
  it('is waited for, byte by byte, though it stalls for longer than it takes to settle', async () => {
    const arrivals = open();
    const first = next(arrivals);
    const file = await openFile(join(folder, 'slow.jpg'), 'w');
    for (let at = 0; at < small.length; at++) {
      await file.write(small, at, 1);
      if (at % 200 === 100) await pause(stall);
    }
    await file.close();
    expect(await first).toMatchObject({ kind: 'picture', hash: hashBytes(small) });
  });

  it('is waited for though it has its full length from the start', async () => {
    const arrivals = open();
    const first = next(arrivals);
    const file = await openFile(join(folder, 'slow.jpg'), 'w');
    await file.truncate(cat.length);
    for (let at = 0; at < cat.length; at += 9000) {
      await file.write(cat, at, Math.min(9000, cat.length - at), at);
      await pause(stall);
    }
    await file.close();
    expect(await first).toMatchObject({ kind: 'picture', hash: hashBytes(cat) });
  });

  it('is no picture once it stalls for long, and is one when it goes on', async () => {
    const arrivals = open();
    await put('slow.jpg', cat.subarray(0, 9000));
    expect(await take(arrivals, 1)).toEqual(['slow.jpg bad']);
    await pause(longStall);
    await appendFile(join(folder, 'slow.jpg'), cat.subarray(9000));
    expect(await next(arrivals)).toMatchObject({ kind: 'picture', hash: hashBytes(cat) });
  });

  it('does not hold up what comes behind it', async () => {
    const arrivals = open();
    await put('slow.jpg', cat.subarray(0, 9000));
    await put('whole.jpg');
    expect(await take(arrivals, 1)).toEqual(['whole.jpg']);
    await appendFile(join(folder, 'slow.jpg'), cat.subarray(9000));
    expect(await take(arrivals, 1)).toEqual(['slow.jpg']);
  });
});

it('reports a bad file with its reason, once, and looks again when it changes', async () => {
  await put('bad.jpg', cat.subarray(0, 9000));
  const arrivals = open();
  expect(await next(arrivals)).toMatchObject({
    kind: 'bad',
    hash: hashBytes(cat.subarray(0, 9000)),
    reason: expect.stringMatching(/bad\.jpg: the JPEG is cut short/),
  });
  await put('other.jpg');
  expect(await take(arrivals, 1)).toEqual(['other.jpg']);
  await put('bad.jpg');
  expect(await take(arrivals, 1)).toEqual(['bad.jpg']);
});

it('brings a file again when other content takes its name, and each content whole', async () => {
  const arrivals = open();
  await put('a.jpg');
  expect(await next(arrivals)).toMatchObject({ hash: hashBytes(cat) });
  await put('a.jpg', small);
  expect(await next(arrivals)).toMatchObject({ hash: hashBytes(small) });
  // An older file of the same name, moved over it.
  await put('moving.part');
  await age('moving.part', 1000);
  await rename(join(folder, 'moving.part'), join(folder, 'a.jpg'));
  expect(await next(arrivals)).toMatchObject({ hash: hashBytes(cat) });
});

it('drops a file that is gone before it is whole', async () => {
  const arrivals = open();
  const next = take(arrivals, 1);
  await put('gone.jpg', cat.subarray(0, 9000));
  await rm(join(folder, 'gone.jpg'));
  await put('stays.jpg');
  expect(await next).toEqual(['stays.jpg']);
});

it('brings every file of a burst of 1,000 once, in the order in which they came', async () => {
  const names = Array.from({ length: 1000 }, (_, i) => `${(i * 7919) % 1000}.jpg`);
  const arrivals = open();
  const all = take(arrivals, 1000);
  for (const name of names) await put(name, small);
  const brought = await all;
  expect([...brought].sort()).toEqual([...names].sort());
  // The clock of files ticks every few milliseconds: what came within a tick has no order.
  const times = await Promise.all(brought.map(async (name) => (await stat(join(folder, name))).ctimeMs));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(new Set(times).size).toBeGreaterThan(10);
  await put('last.jpg');
  expect(await take(arrivals, 1)).toEqual(['last.jpg']);
});

describe('subfolders', () => {
  const layOut = async () => {
    await mkdir(join(folder, 'day 1', 'booth'), { recursive: true });
    await mkdir(join(folder, '.trash'));
    await mkdir(join(folder, 'stylized', 'day 1'), { recursive: true });
    for (const name of [
      'day 1/a.jpg',
      'day 1/booth/b.jpg',
      '.trash/c.jpg',
      'stylized/day 1/a.jpg',
      'top.jpg',
    ])
      await put(name);
  };

  it('are left alone', async () => {
    await layOut();
    expect(await take(open({ once: true }), 99)).toEqual(['top.jpg']);
  });

  it('are looked into with --recursive, also those that come later', async () => {
    const arrivals = open({ recursive: true });
    await layOut();
    const brought = await take(arrivals, 3);
    expect(brought.sort()).toEqual(['day 1/a.jpg', 'day 1/booth/b.jpg', 'top.jpg']);
    await mkdir(join(folder, 'new.jpg'));
    await put('new.jpg/d.jpg');
    expect(await take(arrivals, 1)).toEqual(['new.jpg/d.jpg']);
  });
});

it('does not follow links out of the inbox, and says so once', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'outside-'));
  await writeFile(join(outside, 'secret.jpg'), cat);
  await symlink(join(outside, 'secret.jpg'), join(folder, 'link.jpg'));
  await symlink(outside, join(folder, 'linked'));
  const arrivals = open({ recursive: true });
  expect((await take(arrivals, 2)).sort()).toEqual(['link.jpg link', 'linked link']);
  await writeFile(join(outside, 'more.jpg'), cat);
  await put('a.jpg');
  expect(await take(arrivals, 1)).toEqual(['a.jpg']);
  await put('b.jpg');
  expect(await take(arrivals, 1)).toEqual(['b.jpg']);
});

it('tells of files that are deleted or moved away, all of them at once', async () => {
  for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) await put(name, small);
  const arrivals = open();
  await take(arrivals, 3);
  const coming = next(arrivals);
  await Promise.all(
    ['a.jpg', 'c.jpg'].map((name) => rename(join(folder, name), join(folder, `${name}.old`))),
  );
  const gone = await coming;
  const also = async () => (gone.kind === 'gone' && gone.paths.length < 2 ? await next(arrivals) : gone);
  const paths = [gone, await also()].flatMap((arrival) => (arrival.kind === 'gone' ? arrival.paths : []));
  expect(new Set(paths.map((path) => relative(folder, path)))).toEqual(new Set(['a.jpg', 'c.jpg']));
  // One that comes back is new.
  await put('a.jpg', small);
  expect(await take(arrivals, 1)).toEqual(['a.jpg']);
});

describe('sidecars', () => {
  /** What the next arrival's sidecars say, or the reason why it is none. */
  const word = async (arrivals: AsyncGenerator<Arrival>, name = 'a.jpg') => {
    const arrival = await next(arrivals);
    expect(relative(folder, arrival.path)).toBe(name);
    if (arrival.kind === 'gone') throw new Error('it is gone');
    return arrival.kind === 'picture' ? arrival.overrides.settings : arrival.reason;
  };

  it('bring their photo again when they come, change and go; they are no arrivals themselves', async () => {
    const arrivals = open();
    await put('a.jpg', small);
    await put('b.jpg', small);
    await take(arrivals, 2);
    await put('a.jpg.json', '{"size": 100}');
    expect(await word(arrivals)).toEqual({ size: 100 });
    await put('a.jpg.json', '{"size": 99}');
    expect(await word(arrivals)).toEqual({ size: 99 });
    await rm(join(folder, 'a.jpg.json'));
    expect(await word(arrivals)).toEqual({});
    await put('none.jpg.json', '{"size": 100}');
    await put('inbox.json', '{"seed": 5}');
    const both = [await next(arrivals), await next(arrivals)];
    expect(both.map(({ path }) => relative(folder, path)).sort()).toEqual(['a.jpg', 'b.jpg']);
    for (const arrival of both) expect(arrival).toMatchObject({ overrides: { settings: { seed: 5 } } });
  });

  it('count for the folders below, the nearest most', async () => {
    await mkdir(join(folder, 'day 1'));
    await put('day 1/a.jpg', small);
    await put('inbox.json', '{"seed": 5, "size": 50}');
    const arrivals = open({ recursive: true });
    expect(await word(arrivals, 'day 1/a.jpg')).toEqual({ seed: 5, size: 50 });
    await put('day 1/inbox.json', '{"size": 60}');
    expect(await word(arrivals, 'day 1/a.jpg')).toEqual({ seed: 5, size: 60 });
    await put('inbox.json', '{"seed": 6}');
    expect(await word(arrivals, 'day 1/a.jpg')).toEqual({ seed: 6, size: 60 });
  });

  it('are found though they come a moment after their photo', async () => {
    const arrivals = open({ patience: { ...patience, settle: 1000 } });
    const first = word(arrivals);
    await put('a.jpg', small);
    await pause(stall);
    await put('a.jpg.json', '{"size": 100}');
    expect(await first).toEqual({ size: 100 });
  });

  it('are waited for while they are half-written, and so is what they name', async () => {
    const arrivals = open({ patience: { ...patience, forgive: 10_000 } });
    const first = word(arrivals);
    await put('a.jpg.json', '{"styles": ["sky.png"], "size"');
    await put('a.jpg', small);
    await pause(stall);
    await appendFile(join(folder, 'a.jpg.json'), ': 40}');
    await pause(stall);
    await put('.sky.part', small);
    await rename(join(folder, '.sky.part'), join(folder, 'sky.png'));
    expect([await first, await word(arrivals, 'sky.png')]).toEqual([
      { styles: [join(folder, 'sky.png')], size: 40 },
      {},
    ]);
  });

  it('that are bad fail their photo only, until they are fixed', async () => {
    await put('a.jpg', small);
    await put('b.jpg', small);
    await put('a.jpg.json', '{"sise": 40}');
    const arrivals = open();
    expect(await take(arrivals, 2)).toEqual(['b.jpg', 'a.jpg bad']);
    await put('a.jpg.json', '{"sizes": 40}');
    expect(await word(arrivals)).toMatch(/a\.jpg\.json: there is no setting sizes/);
    await put('a.jpg.json', '{"size": 40}');
    expect(await word(arrivals)).toEqual({ size: 40 });
  });

  it('that ask for more than the photo has are its own fault', async () => {
    await put('a.jpg', await sharp(cat).resize(400, 100, { fit: 'fill' }).jpeg().toBuffer());
    const accept: InboxOptions['accept'] = async ({ settings }) => ({ longest: settings.size });
    const arrivals = open({ accept });
    expect(await word(arrivals)).toEqual({});
    await put('a.jpg.json', '{"size": 100}');
    expect(await word(arrivals)).toMatch(/a\.jpg: 400×100, 100×25 after resizing is too small/);
  });
});

it('takes names as they come: emoji, either form of an accent, and 250 bytes', async () => {
  const names = ['👨‍👩‍👧‍👦 🎉.jpg', 'cafe\u0301.jpg', 'café.jpg', `${'ü'.repeat(123)}.jpg`, '\n \'".jpg'];
  const arrivals = open();
  for (const name of names) await put(name);
  expect((await take(arrivals, names.length)).sort()).toEqual([...names].sort());
});

it.runIf(process.platform === 'linux')('says that a name which is no UTF-8 cannot be opened', async () => {
  const arrivals = open();
  await writeFile(Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.of(0xe9), Buffer.from('.jpg')]), cat);
  expect(await next(arrivals)).toMatchObject({
    kind: 'bad',
    reason: expect.stringMatching(/not in UTF-8.*Rename it/),
  });
});

describe('where nothing tells of a change', () => {
  it('looks again and again with --poll', async () => {
    const arrivals = open({ poll: true });
    await put('a.jpg');
    expect(await take(arrivals, 1)).toEqual(['a.jpg']);
    await put('a.jpg', small);
    expect(await next(arrivals)).toMatchObject({ hash: hashBytes(small) });
  });

  it('waits for a folder that is away for a while', async () => {
    const arrivals = open();
    await put('a.jpg');
    expect(await take(arrivals, 1)).toEqual(['a.jpg']);
    const arrival = take(arrivals, 1);
    await rename(folder, `${folder}-away`);
    while (said.length < 1) await pause(20);
    await writeFile(join(`${folder}-away`, 'b.jpg'), cat);
    await rename(`${folder}-away`, folder);
    expect(await arrival).toEqual(['b.jpg']);
    while (said.length < 2) await pause(20);
    expect(said).toEqual([
      expect.stringMatching(/is away \(ENOENT\)\. Waiting for it/),
      expect.stringMatching(/is back/),
    ]);
    // And it is watched once more.
    await put('c.jpg');
    expect(await take(arrivals, 1)).toEqual(['c.jpg']);
  });
});

describe('a folder in place of another', () => {
  const canMount = process.platform === 'linux' && process.getuid?.() === 0;
  const ways: Record<string, () => Promise<unknown>> = {
    'made again as soon as it was deleted': async () => {
      await rm(folder, { recursive: true });
      await mkdir(folder);
    },
    'put where one was moved away': async () => {
      await rename(folder, `${folder}-away`);
      await mkdir(folder);
    },
    ...(canMount && {
      'mounted over it': async () => spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]),
    }),
  };
  afterEach(() => canMount && spawnSync('umount', ['--lazy', folder]));

  it.each(Object.keys(ways))('is watched: %s', async (way) => {
    const arrivals = open();
    await put('a.jpg');
    expect(await take(arrivals, 1)).toEqual(['a.jpg']);
    await ways[way]();
    const arrival = take(arrivals, 1);
    await pause(1500);
    await put('b.jpg', small);
    expect(await arrival).toEqual(['b.jpg']);
    await put('c.jpg', small);
    expect(await take(arrivals, 1)).toEqual(['c.jpg']);
  });

  it('ends the arrivals where a link leads elsewhere', async () => {
    const link = `${folder}-link`;
    await symlink(folder, link);
    const arrivals = open({ link });
    await put('a.jpg');
    expect(await take(arrivals, 1)).toEqual(['a.jpg']);
    const end = arrivals.next();
    await rm(link);
    await symlink(tmpdir(), link);
    expect((await end).done).toBe(true);
  });
});

it('names a folder that is not there', async () => {
  await expect(open({ folder: join(folder, 'nowhere') }).next()).rejects.toThrow(
    /nowhere: there is no such folder/,
  );
});

it('minds no clock that is set back', async () => {
  const arrivals = open();
  await put('first.jpg');
  expect(await take(arrivals, 1)).toEqual(['first.jpg']);
  const today = Date.now();
  let hours = 0;
  // Another hour back at each look.
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => today - 3_600_000 * hours++);
  try {
    await put('second.jpg', small);
    expect(await take(arrivals, 1)).toEqual(['second.jpg']);
  } finally {
    clock.mockRestore();
  }
});

it('reads a photo that it knows by its entry only once, and its sidecars each time', async () => {
  const known = new Map<string, string>();
  const seen = {
    find: (path: string, entry: string) => known.get(`${path} ${entry}`),
    add: (path: string, entry: string, hash: string) => void known.set(`${path} ${entry}`, hash),
  };
  await put('a.jpg');
  const hash = hashBytes(cat);
  expect(await next(open({ once: true, seen }))).toMatchObject({ kind: 'picture', hash });
  expect([...known.values()]).toEqual([hash]);
  // Another hash than the content's tells that the content was not looked at.
  for (const key of known.keys()) known.set(key, 'as noted');
  await put('a.jpg.json', '{ "styleWeight": 7 }');
  const again = { kind: 'picture', hash: 'as noted', overrides: { settings: { styleWeight: 7 } } };
  expect(await next(open({ once: true, seen }))).toMatchObject(again);
  await put('a.jpg', small);
  expect(await next(open({ once: true, seen }))).toMatchObject({ kind: 'picture', hash: hashBytes(small) });
  // What is no picture is not noted.
  await put('b.jpg', cat.subarray(0, 2000));
  await age('b.jpg', 60);
  await take(open({ once: true, seen }), 2);
  expect([...known.keys()].filter((key) => key.includes('b.jpg'))).toEqual([]);
});
