import { mkdir, mkdtemp, realpath, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import { encode } from '../../src/image/encode.js';
import { hideHome, readProvenance, toXmp } from '../../src/image/xmp.js';
import type { Provenance } from '../../src/settings/provenance.js';
import { parseSettings } from '../../src/settings/settings.js';
import { UserError } from '../../src/util/errors.js';

const hash = 'a'.repeat(64);
const own = join(homedir(), 'Bilder', 'Katze <1> & "Hund".jpg');
const weights = { content: 5, style: 1e-7 / 3, tv: 0.1 + 0.2, blend: [0.7, 0.3] };
const provenance: Provenance = {
  program: 'stylize-tui 0.1.0',
  engine: 'onnx',
  device: 'cpu',
  content: own,
  settings: parseSettings({ styles: [own, '/mnt/b.jpg'], blend: [0.7, 0.3], masks: [own] }, 'test'),
  files: { [own]: hash, '/mnt/b.jpg': hash },
  network: hash,
  iterations: 40,
  history: [{ iteration: 3, weights }],
  losses: { total: 4, tv: 1, content: { relu4_2: 1 }, style: { relu1_1: 2 } },
};

/** A home folder, a link to it, and one to the folder that it lies in. */
type Homes = Record<'real' | 'link' | 'above', string>;

async function save(xmp: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'xmp-')), 'a.jpg');
  const blank = { create: { width: 40, height: 40, channels: 3, background: 'red' } } as const;
  await sharp(blank).withXmp(xmp).jpeg().toFile(path);
  return path;
}

describe('provenance', () => {
  it('comes back as it was, numbers to the last bit, and hides the home folder', async () => {
    const xmp = toXmp(provenance)!;
    expect(xmp).not.toContain(homedir());
    expect(await readProvenance(await save(xmp))).toEqual(provenance);
  });

  it.each([
    ['with / behind it', ({ real }: Homes) => `${real}/`, ({ real }: Homes) => real],
    ['that is a link', ({ link }: Homes) => link, ({ real }: Homes) => real],
    ['reached through a link', ({ real }: Homes) => real, ({ link }: Homes) => link],
    ['below a link', ({ real }: Homes) => real, ({ above }: Homes) => join(above, 'ann')],
  ])('hides a home folder %s', async (_, home, reached) => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'homes-')));
    const homes = {
      real: join(folder, 'disk', 'ann'),
      link: join(folder, 'ann'),
      above: join(folder, 'home'),
    };
    await mkdir(join(homes.real, 'pictures'), { recursive: true });
    await symlink(homes.real, homes.link);
    await symlink(join(folder, 'disk'), homes.above);
    vi.stubEnv('HOME', home(homes));
    try {
      const photo = join(reached(homes), 'pictures', 'a.jpg');
      const xmp = toXmp({ ...provenance, content: photo, files: { [photo]: hash } })!;
      expect(xmp).toContain('~/pictures/a.jpg');
      expect(xmp).not.toContain(folder);
      const { content } = await readProvenance(await save(xmp));
      expect(await realpath(dirname(content))).toBe(join(homes.real, 'pictures'));
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it.each(['jpeg', 'png', 'webp', 'tiff', 'avif'] as const)('is carried by %s', async (format) => {
    const path = join(await mkdtemp(join(tmpdir(), 'xmp-')), `a.${format}`);
    const blank = { data: new Float32Array(3 * 40 * 40), width: 40, height: 40 };
    await writeFile(path, await encode(blank, { format, xmp: toXmp(provenance) }));
    expect(await readProvenance(path)).toEqual(provenance);
  });

  it('is found where another program made an attribute of it', async () => {
    const text = /<stylize:recipe>(.*)<\/stylize:recipe>/s.exec(toXmp(provenance)!)![1];
    const moved = toXmp(provenance)!
      .replace(/<stylize:recipe>.*<\/stylize:recipe>/s, '')
      .replace('<rdf:Description', `<rdf:Description stylize:recipe="${text}"`);
    expect(await readProvenance(await save(moved))).toEqual(provenance);
  });

  it('fits a JPEG even after a thousand changes of weights, and is left out beyond', async () => {
    const changed = (count: number) => {
      const history = Array.from({ length: count }, (_, iteration) => ({ iteration, weights }));
      return { ...provenance, history };
    };
    const xmp = toXmp(changed(250))!;
    expect((await readProvenance(await save(xmp))).history).toHaveLength(250);
    expect(toXmp(changed(5000))).toBeUndefined();
  });

  it('comes before what the photo says about itself, which is left out where both are too large', async () => {
    const other = (text: string) =>
      `<rdf:Description rdf:about="" xmlns:stylize="https://example.org/"><stylize:recipe>${text}</stylize:recipe></rdf:Description>`;
    const xmp = toXmp(provenance, other('{}'))!;
    expect(xmp).toContain(other('{}'));
    expect(await readProvenance(await save(xmp))).toEqual(provenance);
    expect(toXmp(provenance, other('a'.repeat(70_000)))).toBe(toXmp(provenance));
  });

  it('of a version that knew no frames says that they were kept, and of this one what it says', async () => {
    expect(provenance.settings.keepFrame).toBe(false);
    const today = toXmp(provenance)!;
    const old = today.replace('&quot;keepFrame&quot;:false,', '');
    expect(old).not.toBe(today);
    const settings = { ...provenance.settings, keepFrame: true };
    expect(await readProvenance(await save(old))).toEqual({ ...provenance, settings });
  });

  it('of another version is refused with a sentence', async () => {
    const other = toXmp(provenance)!.replace('iterations', 'steps');
    await expect(readProvenance(await save(other))).rejects.toThrow(/another version of stylize-tui/);
  });
});

it.each([
  ['/home/ann/a.jpg', ['/home/ann'], '~/a.jpg'],
  ['/home/ann/a.jpg', ['/home/ann/'], '~/a.jpg'],
  ['C:\\Users\\Ann\\a.jpg', ['C:\\Users\\Ann'], '~\\a.jpg'],
  // As a home folder that is a link has two names.
  ['/data/homes/ann/a.jpg', ['/home/ann', '/data/homes/ann'], '~/a.jpg'],
  ['C:/Users/Ann/a.jpg', ['C:\\Users\\Ann'], '~/a.jpg'],
  ['c:\\users\\ann\\a.jpg', ['C:\\Users\\Ann'], '~\\a.jpg'],
  ['/home/anna/a.jpg', ['/home', '/home/anna'], '~/a.jpg'],
  ['/home/ann', ['/home/ann'], '~'],
  ['/home/anna/a.jpg', ['/home/ann'], '/home/anna/a.jpg'],
  ['/a.jpg', ['/'], '/a.jpg'],
])('hides the home folder of %s', (path, homes, hidden) => {
  expect(hideHome(path, homes)).toBe(hidden);
});

it('refuses what is no file, and metadata that is too large, at once', async () => {
  await expect(readProvenance(tmpdir())).rejects.toThrow(/expected a picture/);
  const large = toXmp(provenance)!.replace('</rdf:RDF>', `${'<a/>'.repeat(100_000)}</rdf:RDF>`);
  const path = join(await mkdtemp(join(tmpdir(), 'xmp-')), 'a.png');
  const blank = { create: { width: 40, height: 40, channels: 3, background: 'red' } } as const;
  await sharp(blank).withXmp(large).png().toFile(path);
  await expect(readProvenance(path)).rejects.toThrow(/metadata is larger/);
});

describe('metadata of others', () => {
  const packet = toXmp(provenance)!;
  const inside = (text: string) => packet.replace('<rdf:RDF', `${text}<rdf:RDF`);
  const dtd = (text: string) => `<?xml version="1.0"?><!DOCTYPE x [${text}]>${packet}`;
  it.each([
    ['an entity that multiplies', dtd('<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">'), /it has a DTD/],
    ['an entity of a file', dtd('<!ENTITY a SYSTEM "file:///etc/passwd">'), /it has a DTD/],
    ['tags in tags', inside('<a>'.repeat(8000) + '</a>'.repeat(8000)), /no XML that can be read/],
    ['names of prototypes', inside('<__proto__><a>1</a></__proto__>'), /no XML that can be read/],
  ])('is refused with a sentence: %s', async (_, xmp, message) => {
    const refused = expect(readProvenance(await save(xmp))).rejects;
    await refused.toThrow(message);
    await refused.toBeInstanceOf(UserError);
  });
});
