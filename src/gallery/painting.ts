/** A painting in a gallery: what its pages show, and its files, in a folder of its own that appears whole. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { z } from 'zod';
import { examine } from '../examine/examiner.js';
import type { WebPicture } from '../image/web.js';
import type { History } from '../queue/history.js';
import { isSnapshotName } from '../render/snapshot.js';
import { presetsIn } from '../settings/presets.js';
import type { Provenance } from '../settings/provenance.js';
import { recipeLines } from '../tui/details.js';
import { UserError } from '../util/errors.js';
import { printable, shortNumber } from '../util/format.js';

const fileSchema = z.strictObject({
  name: z.string().regex(/^[a-z\d]+\.(webp|jpg)$/),
  width: z.number().int().min(1),
  height: z.number().int().min(1),
  /** Bytes, by which a file that is not whole is recognized. */
  length: z.number().int(),
});

const paintingSchema = z.strictObject({
  /** Raised when the files or the text of a painting change: older ones are made again. */
  version: z.literal(1),
  id: z.string().regex(/^[\da-f]{16}$/),
  title: z.string(),
  /** In the style of what; empty if unknown. */
  style: z.string(),
  /** When it was finished: ISO date. */
  finished: z.iso.datetime(),
  /** From small to large. */
  pictures: z.array(fileSchema).min(1),
  /** In the original's size. */
  full: fileSchema,
  /** The photo, as large as the largest picture. */
  photo: fileSchema.optional(),
  /** Names and values of the recipe. */
  facts: z.array(z.tuple([z.string(), z.string()])),
});

export type Painting = z.infer<typeof paintingSchema>;
export type PaintingFile = z.infer<typeof fileSchema>;

/** What the job store knows of a painting. */
export interface Origin {
  source: string;
  sourceHash: string;
  finishedAt: string | null;
}

/** What a job store knows of paintings, by their paths. */
export function originsIn(history: History): Map<string, Origin> {
  const origins = new Map<string, Origin>();
  for (const { status, output, source, sourceHash, finishedAt } of history.records())
    if (status === 'done' && output) origins.set(output, { source, sourceHash, finishedAt });
  return origins;
}

/** The gallery's folder cannot be written. */
export class Unwritable extends UserError {}

/** In a painting's folder; written last. */
const description = 'painting.json';

/**
 * Identifies a painting by its place in the outbox and its file stamp, so that a painting that was replaced is another one.
 * Undefined if there is no such file.
 */
export async function idOf(path: string, outbox: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  const place = relative(outbox, path).split(sep).join('/');
  return createHash('sha256').update(`${place}\n${found.size}\n${found.mtimeMs}`).digest('hex').slice(0, 16);
}

/** Reads a painting's folder; undefined if it is not there, not whole, or of another version. */
export async function readPainting(folder: string): Promise<Painting | undefined> {
  try {
    const painting = paintingSchema.parse(JSON.parse(await readFile(join(folder, description), 'utf8')));
    for (const { name, length } of filesOf(painting))
      if ((await stat(join(folder, name))).size !== length) return undefined;
    return painting;
  } catch {
    return undefined;
  }
}

export const filesOf = ({ pictures, full, photo }: Painting): PaintingFile[] => [
  ...pictures,
  full,
  ...(photo ? [photo] : []),
];

/**
 * Makes a painting's folder, in place of one that is not whole.
 * @param path the painting
 * @param folder where to; its name is the painting's id
 * @param origin what the job store knows of it
 * @returns undefined for a picture that is no finished painting
 * @throws Unwritable; another UserError that names the file if it cannot be read
 */
export async function makePainting(
  path: string,
  folder: string,
  origin: Origin | undefined,
): Promise<Painting | undefined> {
  const recipe = await recipeOf(path);
  if (!recipe && !origin) return undefined;
  if (recipe && isSnapshotName(path, recipe.iterations)) return undefined;
  const { pictures, full } = await examine('webPainting', { path });
  const photo = await photoOf(path, pictures.at(-1)!, recipe, origin);
  const painting: Painting = {
    version: 1,
    id: basename(folder),
    title: titleOf(path),
    style: recipe ? recipe.settings.styles.map(titleOf).join(', ') : '',
    finished: origin?.finishedAt ?? (await stat(path)).mtime.toISOString(),
    pictures: pictures.map(described),
    full: described(full),
    ...(photo && { photo: described(photo) }),
    facts: recipe ? await factsOf(recipe, full) : [],
  };
  const temporary = `${folder}.${randomUUID()}.tmp`;
  try {
    // Not synced, since a gallery can be made again: lengths tell what a power failure left incomplete.
    await mkdir(temporary, { recursive: true });
    for (const { name, bytes } of [...pictures, full, ...(photo ? [photo] : [])])
      await writeFile(join(temporary, name), bytes);
    await writeFile(join(temporary, description), JSON.stringify(painting));
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Unwritable(
      `${dirname(folder)}: the gallery cannot be written (${code}). Check its permissions and the room on its disk.`,
      { cause: error },
    );
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
  }
  return painting;
}

/** Undefined where there is none; whether the picture can be read is seen later. */
const recipeOf = (path: string): Promise<Provenance | undefined> =>
  examine('provenance', { path }).catch((error: unknown) => {
    if (error instanceof UserError) return undefined;
    throw error;
  });

/**
 * The photo, if it still is where it was, or beside the paintings' folder, and unchanged. A recipe from others can name any
 * file; only one whose hash it knows is taken.
 */
async function photoOf(
  path: string,
  size: WebPicture,
  recipe: Provenance | undefined,
  origin: Origin | undefined,
): Promise<WebPicture | undefined> {
  const hash = recipe?.files[recipe.content] ?? origin?.sourceHash;
  if (!hash) return undefined;
  const known = [origin?.source, recipe?.content].filter((each) => each !== undefined);
  const folder = dirname(path);
  const beside = known.flatMap((each) => [join(folder, '..', basename(each)), join(folder, basename(each))]);
  for (const candidate of new Set([...known, ...beside])) {
    // Whatever is wrong with it, the painting is shown without.
    const photo = await examine('webPhoto', { path: candidate, hash, size }).catch(() => undefined);
    if (photo) return photo;
  }
  return undefined;
}

async function factsOf(provenance: Provenance, { width, height }: WebPicture): Promise<Painting['facts']> {
  const lines = recipeLines({ provenance, presets: await presetsIn(provenance.settings) });
  const facts = [...lines, ['loss', shortNumber(provenance.losses.total)]] as const;
  return facts.flatMap(([name, value]) => {
    if (value === null) return [];
    return [[name, name === 'size' ? `${width} × ${height}` : printable(value)]];
  }) as Painting['facts'];
}

/** A file's name as a title: "Great wave" for great-wave.jpg. */
export function titleOf(path: string): string {
  const name = printable(basename(path, extname(path)));
  const words = name.replace(/_|(?<=\p{L})-(?=\p{L})/gu, ' ').trim() || name;
  const [first] = words;
  return first.toUpperCase() + words.slice(first.length);
}

const described = ({ bytes, ...file }: WebPicture): PaintingFile => ({ ...file, length: bytes.length });
