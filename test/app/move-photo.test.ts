/** Moves of photos, also to another file system, and after a crash between any two steps. */
import { existsSync, statSync } from 'node:fs';
import {
  chmod,
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { movePhoto } from '../../src/app/follow-ups/move-photo.js';
import type { FollowUp } from '../../src/queue/follow-ups.js';
import { hashBytes } from '../../src/util/hash.js';

const content = 'a photo';

let inbox: string;
let done: string;
beforeEach(async () => {
  inbox = await mkdtemp(join(tmpdir(), 'move-'));
});
afterEach(async () => {
  for (const folder of [inbox, done]) await rm(folder, { recursive: true, force: true });
});

/** Where another file system is found on most Linux machines. */
const elsewhere = '/dev/shm';
const isElsewhere = existsSync(elsewhere) && statSync(elsewhere).dev !== statSync(tmpdir()).dev;

describe.each([
  ['the same file system', tmpdir(), true],
  ['another file system', elsewhere, isElsewhere],
])('to %s', (_, place, isHere) => {
  beforeEach(async () => {
    done = await mkdtemp(join(isHere ? place : tmpdir(), 'moved-'));
    await mkdir(join(inbox, 'trip'));
    await writeFile(join(inbox, 'trip', 'a.jpg'), content);
    await utimes(join(inbox, 'trip', 'a.jpg'), 1e9, 1e9);
  });

  const move = async (change: Partial<FollowUp> = {}) => {
    const begun: string[] = [];
    const step: FollowUp = {
      ...{
        id: 1,
        job: 1,
        kind: 'move',
        what: done,
        status: 'waiting',
        attempts: 0,
        reason: null,
        target: null,
      },
      ...{ styles: [], source: join(inbox, 'trip', 'a.jpg'), sourceHash: hashBytes(Buffer.from(content)) },
      ...{ output: null, why: null, ...change },
    };
    const to = await movePhoto(step, { root: inbox, begin: (target) => begun.push(target) });
    expect([begun.at(-1) ?? step.target, await readFile(to, 'utf8')]).toEqual([to, content]);
    return to;
  };

  it.runIf(isHere)('keeps its relative path, its content and its time', async () => {
    await chmod(join(inbox, 'trip', 'a.jpg'), 0o444);
    const to = await move();
    expect(to).toBe(join(done, 'trip', 'a.jpg'));
    expect((await stat(to)).mtimeMs).toBe(1e12);
    expect(await readdir(join(inbox, 'trip'))).toEqual([]);
  });

  it.runIf(isHere)('replaces nothing, and keeps the sidecar beside its photo', async () => {
    await writeFile(join(inbox, 'trip', 'a.jpg.json'), '{"size": 64}');
    await mkdir(join(done, 'trip'));
    await writeFile(join(done, 'trip', 'a.jpg'), 'another');
    await writeFile(join(done, 'trip', 'a-2.jpg.json'), '{}');
    expect(await move()).toBe(join(done, 'trip', 'a-3.jpg'));
    expect(await readdir(inbox)).toEqual(['trip']);
    expect((await readdir(join(done, 'trip'))).sort()).toEqual([
      'a-2.jpg.json',
      'a-3.jpg',
      'a-3.jpg.json',
      'a.jpg',
    ]);
    expect(await readFile(join(done, 'trip', 'a.jpg'), 'utf8')).toBe('another');
    expect(await readFile(join(done, 'trip', 'a-3.jpg.json'), 'utf8')).toBe('{"size": 64}');
  });

  it.runIf(isHere)('goes on after a crash at any point', async () => {
    const [from, target] = [inbox, done].map((folder) => join(folder, 'trip', 'a.jpg'));
    const placed = () => (statSync(inbox).dev === statSync(done).dev ? link : copyFile)(from, target);
    // Nothing has happened yet but the record.
    expect(await move({ target })).toBe(target);
    await copyFile(target, from);
    await rm(target);
    // It was put in place, and its sidecar has yet to follow.
    await placed();
    await writeFile(`${from}.json`, '{}');
    expect(await move({ target })).toBe(target);
    expect(existsSync(`${target}.json`)).toBe(true);
    // All was done but recorded.
    expect(await move({ target })).toBe(target);
    expect(await readdir(join(inbox, 'trip'))).toEqual([]);
    expect((await readdir(join(done, 'trip'))).sort()).toEqual(['a.jpg', 'a.jpg.json']);
  });

  it.runIf(isHere)('stays if it has changed, or if the folder is away', async () => {
    await expect(move({ sourceHash: hashBytes(Buffer.from('former')) })).rejects.toThrow(/has changed since/);
    await rm(done, { recursive: true });
    await expect(move()).rejects.toThrow(/ENOENT/);
    expect(existsSync(done)).toBe(false);
    expect(await readFile(join(inbox, 'trip', 'a.jpg'), 'utf8')).toBe(content);
  });
});
