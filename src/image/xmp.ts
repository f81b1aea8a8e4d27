/** A picture's provenance in its XMP metadata: one property, JSON text. Every format that is written can carry it. */
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import sharp from 'sharp';
import { type Provenance, provenanceSchema } from '../settings/provenance.js';
import { mapPaths } from '../settings/settings.js';
import { UserError } from '../util/errors.js';
import { type PictureFile, readPictureFile } from './file.js';

const namespace = 'https://www.npmjs.com/package/stylize-tui';
const property = 'stylize:recipe';

/** A JPEG's metadata block holds no more than this; sharp drops what is longer, without a word. */
const mostBytes = 65_000;

/** Bytes of a packet that are parsed: others' programs add to ours. */
const mostRead = 4 * mostBytes;

const xml = { ignoreAttributes: false, attributeNamePrefix: '@' };

/**
 * The XMP packet. Paths in it have ~ for the home folder: a picture is passed on, and the name of its maker's account
 * is nobody's business. Undefined where a long history makes it too large.
 * @param descriptions further ones in RDF: what the photo says about itself. They are left out where they make it too large.
 */
export function toXmp(provenance: Provenance, descriptions = ''): string | undefined {
  // The schema's order of keys, whatever order they came in: the same painting is the same file.
  const recipe = provenanceSchema.parse(changePaths(provenance, shorten));
  const packet = new XMLBuilder(xml).build({
    'x:xmpmeta': {
      '@xmlns:x': 'adobe:ns:meta/',
      'rdf:RDF': {
        '@xmlns:rdf': 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
        'rdf:Description': {
          '@rdf:about': '',
          '@xmlns:xmp': 'http://ns.adobe.com/xap/1.0/',
          '@xmlns:stylize': namespace,
          'xmp:CreatorTool': provenance.program,
          [property]: JSON.stringify(recipe),
        },
      },
    },
  });
  // Behind ours, so that a recipe that they may hold is not found.
  const whole = packet.replace('</rdf:RDF>', () => `${descriptions}</rdf:RDF>`);
  return [whole, packet].find((each) => Buffer.byteLength(each) <= mostBytes);
}

/**
 * Reads what `toXmp` wrote, other programs' rewriting of the packet included.
 * @throws UserError if the file is no picture, or carries no recipe that this program can read
 */
export async function readProvenance(file: string): Promise<Provenance> {
  const { bytes } = await readPictureFile(file);
  const metadata = await sharp(bytes, { failOn: 'none' })
    .metadata()
    .catch(() => {
      throw new UserError(`${file}: not a picture that can be read.`);
    });
  if ((metadata.xmp?.length ?? 0) > mostRead)
    throw new UserError(`${file}: its metadata is larger than any that stylize-tui writes.`);
  const packet = metadata.xmp && parsePacket(file, String(metadata.xmp));
  const text = find(packet);
  if (text === undefined)
    throw new UserError(`${file}: carries no recipe. Only pictures painted by stylize-tui do.`);
  try {
    return changePaths(provenanceSchema.parse(JSON.parse(text)), lengthen);
  } catch {
    throw new UserError(`${file}: its recipe cannot be read: another version of stylize-tui wrote it.`);
  }
}

function parsePacket(file: string, text: string): unknown {
  // No program writes a DTD into XMP, and what one declares is parsed before anything can be judged.
  if (/<!DOCTYPE/i.test(text)) throw new UserError(`${file}: its metadata is no XMP: it has a DTD.`);
  try {
    return new XMLParser({ ...xml, parseTagValue: false }).parse(text);
  } catch {
    throw new UserError(`${file}: its metadata is damaged: it is no XML that can be read.`);
  }
}

/** Whether a picture carries a recipe of ours, whole or not. */
export async function hasRecipe({ bytes }: PictureFile): Promise<boolean> {
  const { xmp } = await sharp(bytes, { failOn: 'none' }).metadata();
  return xmp?.includes(property) ?? false;
}

/** XMP may hold a property as an element or as an attribute, at a place that the writer chooses. */
function find(node: unknown): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  const entries = Object.entries(node);
  const own = entries.find(([key]) => key === property || key === `@${property}`);
  if (own) return String(own[1]);
  return entries.map(([, value]) => find(value)).find((text) => text !== undefined);
}

function changePaths(provenance: Provenance, change: (path: string) => string): Provenance {
  const { former } = provenance;
  return {
    ...provenance,
    content: change(provenance.content),
    settings: mapPaths(provenance.settings, change),
    ...(former && { former: { photo: change(former.photo), painting: change(former.painting) } }),
    files: Object.fromEntries(Object.entries(provenance.files).map(([path, hash]) => [change(path), hash])),
  };
}

/** The home folder as it is named, and as it lies on the disk where the name is a link. */
const homes = () => [homedir(), realpathOr(homedir())];

function realpathOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Also where links of folders lead to the home folder by another name, such as /home to /var/home. */
function shorten(path: string): string {
  const hidden = hideHome(path, homes());
  if (hidden !== path) return hidden;
  const real = join(realpathOr(dirname(path)), basename(path));
  const hiddenReal = hideHome(real, homes());
  return hiddenReal === real ? path : hiddenReal;
}

const lengthen = (path: string) => (/^~[\\/]/.test(path) ? `${bare(homedir())}${path.slice(1)}` : path);

/** A path with ~ for the home folder, whichever of its names it begins with and whatever separates its parts. */
export function hideHome(path: string, homes: readonly string[]): string {
  // Of homes that lie in each other the innermost counts.
  for (const home of homes.map(bare).sort((a, b) => b.length - a.length))
    if (home !== '' && /^(?:[\\/]|$)/.test(path.slice(home.length)))
      if (comparable(path.slice(0, home.length), home) === comparable(home, home))
        return `~${path.slice(home.length)}`;
  return path;
}

/** Windows tells neither letter case nor the two separators apart. */
const comparable = (path: string, home: string) =>
  /^[a-z]:/i.test(home) ? path.replaceAll('/', '\\').toLowerCase() : path;

const bare = (folder: string) => folder.replace(/[\\/]+$/, '');
