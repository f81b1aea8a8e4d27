/** Ledgers that are damaged or lost, beside paintings that the real program made. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import sharp from 'sharp';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { jobStorePath, openJobStore } from '../../src/app/outbox.js';
import { makeRecipe, recipeHash } from '../../src/app/recipe.js';
import { readProvenance, toXmp } from '../../src/image/xmp.js';
import { bundled } from '../../src/network/weights.js';
import type { JobRecord } from '../../src/queue/job.js';
import { JobStore } from '../../src/queue/store.js';
import { parseSettings, type Settings } from '../../src/settings/settings.js';
import { cat, coffee, eventsOf, newFolder, scream, start, tiny, wave } from '../e2e/program.js';

let inbox: string;
let outbox: string;
let path: string;
/** What the job store said, and its bytes, before anything happened to it. */
let records: JobRecord[];
let whole: Buffer;

const paint = () => start('watch', inbox, '--once', '--recursive', '--json', '--styles', wave, ...tiny);

beforeAll(async () => {
  inbox = await newFolder();
  outbox = join(inbox, 'stylized');
  path = jobStorePath(outbox);
  copyFileSync(cat, join(inbox, 'cat.jpg'));
  mkdirSync(join(inbox, 'trip'));
  copyFileSync(coffee, join(inbox, 'trip', 'coffee.jpg'));
  expect((await paint()).exitCode).toBe(0);
  whole = readFileSync(path);
  const store = new JobStore(path);
  records = [...store.history.records()];
  store.close();
  // Neither of these is a painting that was finished.
  copyFileSync(join(outbox, 'cat.jpg'), join(outbox, 'cat.at-6.jpg'));
  copyFileSync(cat, join(outbox, 'own.jpg'));
});

beforeEach(() => {
  for (const name of readdirSync(outbox).filter((name) => name.startsWith('.stylize-tui')))
    rmSync(join(outbox, name), { recursive: true });
  writeFileSync(path, whole);
});

const aside = (ending = '') => {
  const name = readdirSync(outbox).find((name) => /\.damaged-[\dTZ.-]+$/.test(name));
  return name && join(outbox, name + ending);
};

/** Opens the job store as watch does, and holds what it says to what it said. */
async function openAgain(): Promise<string[]> {
  const lines: string[] = [];
  const store = await openJobStore(outbox, (line) => lines.push(line));
  const known = (job: JobRecord) => {
    const { source, sourceHash, settingsHash, status, output, losses } = job;
    return { source, sourceHash, settingsHash, status, output, losses };
  };
  const byName = (jobs: JobRecord[]) => jobs.map(known).sort((a, b) => a.source.localeCompare(b.source));
  expect(byName([...store.history.records()])).toEqual(byName(records));
  store.close();
  return lines;
}

const damages: [string, (path: string) => void, RegExp][] = [
  [
    'garbage at its beginning',
    (path) => writeFileSync(path, 'garbage!'.repeat(8), { flag: 'r+' }),
    /beginning/,
  ],
  ['garbage in its middle', (path) => writeFileSync(path, garbled(whole)), /damaged/],
  ['its end missing', (path) => writeFileSync(path, whole.subarray(0, 6000)), /damaged/],
  ['hardly anything left', (path) => writeFileSync(path, whole.subarray(0, 60)), /damaged/],
  ['a word in its place', (path) => writeFileSync(path, 'mine'), /beginning/],
  ["another program's data in its place", (path) => makeOther(path), /another program/],
];

function garbled(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.fill(0xa5, 4096, 8192);
  return copy;
}

function makeOther(path: string): void {
  rmSync(path);
  const db = new Database(path);
  db.exec('CREATE TABLE songs (name TEXT); PRAGMA user_version = 7;');
  db.close();
}

describe('a job store with', () => {
  it.each(damages)('%s is set aside and made anew from the paintings', async (_, damage, message) => {
    damage(path);
    const damaged = readFileSync(path);
    expect(() => new JobStore(path)).toThrow(message);
    const [line] = await openAgain();
    expect(line).toMatch(
      /set aside as \.stylize-tui\.sqlite\.damaged-.* contains the 2 whose recipe was found\. 1 without/,
    );
    expect(readFileSync(aside()!).equals(damaged)).toBe(true);
    expect(await openAgain()).toEqual([]);
  });

  it('a folder in its place is set aside with what is in it', async () => {
    rmSync(path);
    mkdirSync(path);
    writeFileSync(join(path, 'note.txt'), 'mine');
    expect((await openAgain())[0]).toMatch(/is a folder/);
    expect(readFileSync(join(aside()!, 'note.txt'), 'utf8')).toBe('mine');
  });

  it('no bytes, or no file at all, is made anew', async () => {
    writeFileSync(path, '');
    expect((await openAgain())[0]).toMatch(/contains the 2 whose recipe was found/);
    rmSync(path);
    expect((await openAgain())[0]).toMatch(/contains the 2 whose recipe was found/);
    expect(aside()).toBeUndefined();
  });

  it('damage takes its write-ahead log with it, which the new one must not read', async () => {
    const other = new Database(path);
    other.exec('PRAGMA journal_mode = WAL; DELETE FROM jobs;');
    const log = readFileSync(`${path}-wal`);
    other.close();
    for (const remains of ['garbage', '']) {
      writeFileSync(path, remains);
      writeFileSync(`${path}-wal`, log);
      await openAgain();
      expect(readFileSync(aside('-wal')!).equals(log)).toBe(true);
      expect(existsSync(`${path}-wal`)).toBe(false);
      rmSync(aside()!);
    }
  });
});

it('paints nothing twice after damage, and says what it did', async () => {
  writeFileSync(path, 'garbage');
  const { stdout, stderr, exitCode } = await paint();
  expect(stderr).toMatch(/set aside/);
  const events = eventsOf(stdout).filter(({ event }) => event !== 'idle');
  expect(events.map(({ event }) => event)).toEqual(['skipped', 'skipped']);
  expect(exitCode).toBe(0);
  expect(readdirSync(outbox).filter((name) => /-2\./.test(name))).toEqual([]);
});

it.each<[string, Partial<Settings>]>([
  ['one style', { styles: [wave] }],
  ['two styles and their blend', { styles: [wave, scream], blend: [2, 1], styleScales: [1, 0.5] }],
  [
    'styles of layers only',
    { layerStyles: { relu4_1: [{ style: scream, share: 3 }], relu1_1: [{ style: wave, share: 1 }] } },
  ],
  ['layers in an order of their own', { styles: [wave], styleLayers: { relu4_1: 0.1, relu1_1: 0.2 } }],
  ['masks, a start and a network', { styles: [wave], masks: [cat], initial: coffee, network: bundled.path }],
])('a painting in %s tells by which hash it is known', async (_, settings) => {
  const recipe = await makeRecipe(parseSettings(settings, 'test'));
  const { files, network } = recipe;
  const xmp = toXmp({
    program: 'stylize-tui 0.1.0',
    engine: 'onnx',
    device: 'cpu',
    content: cat,
    settings: recipe.settings,
    files,
    network,
    iterations: 1,
    history: [],
    losses: { total: 1, tv: 1, content: {}, style: {} },
  });
  const picture = join(await newFolder(), 'a.png');
  const blank = { create: { width: 40, height: 40, channels: 3, background: 'red' } } as const;
  await sharp(blank).withXmp(xmp!).png().toFile(picture);
  expect(recipeHash(await readProvenance(picture))).toBe(recipe.hash);
});
