/** The grid of a sweep: a cell for each photo, style and variant of settings, and the result of each from the history. */
import { basename, dirname, extname, resolve } from 'node:path';
import type { Recipes } from '../app/recipes.js';
import { examine, Unusable } from '../examine/examiner.js';
import { decode } from '../image/decode.js';
import { readPictureFile } from '../image/file.js';
import { type Flaws, findFlaws } from '../image/flaws.js';
import type { Sheet } from '../image/sheet.js';
import type { History } from '../queue/history.js';
import { readContent } from '../render/inputs.js';
import { readStyle } from '../render/style.js';
import type { Recipe } from '../settings/recipe.js';
import type { Settings } from '../settings/settings.js';
import { shortReason } from '../util/format.js';
import { isReadTrouble, retryUntilAvailable } from '../util/transient.js';
import { settingsFrom } from './flags/options.js';
import type { Variant } from './flags/variants.js';

/** A photo or a style; `reason` is set if it cannot be used. */
export interface Source {
  path: string;
  /** SHA-256; empty if it could not be read. */
  hash: string;
  reason?: string;
}

export interface Cell {
  content: Source;
  style: Source;
  variant: Variant;
  /** Undefined if the photo or the style cannot be used. */
  recipe?: Recipe;
}

/** A cell with its result: a painting and its flaws, or the reason why there is none. */
export interface FinishedCell extends Cell {
  output?: string;
  flaws?: Flaws;
  reason?: string;
}

/** Reads each file once, however often it is named. */
export async function readSources(paths: readonly string[]): Promise<Source[]> {
  return Promise.all([...new Set(paths.map((path) => resolve(path)))].map(readSource));
}

async function readSource(path: string): Promise<Source> {
  try {
    const { hash } = await retryUntilAvailable(() => examine('picture', { path }), {
      when: isReadTrouble,
      tries: 4,
    });
    return { path, hash };
  } catch (error) {
    if (error instanceof Unusable) return { path, hash: error.hash, reason: error.message };
    throw error;
  }
}

/**
 * All cells, ordered by photo, then variant, then style.
 * @throws UserError for invalid settings
 */
export async function planCells(
  contents: readonly Source[],
  styles: readonly Source[],
  variants: readonly Variant[],
  flags: Record<string, unknown>,
  recipes: Recipes,
): Promise<Cell[]> {
  const planned: Omit<Cell, 'content'>[] = [];
  for (const variant of variants) {
    for (const style of styles) {
      const settings = await settingsFrom({ ...flags, ...variant.flags, styles: [style.path] });
      const recipe = style.reason === undefined ? await recipes.of({ settings }) : undefined;
      planned.push({ style, variant, recipe });
    }
  }
  return contents.flatMap((content) =>
    planned.map((cell) => ({
      ...cell,
      content,
      recipe: content.reason === undefined ? cell.recipe : undefined,
    })),
  );
}

/** The name of a cell's painting, without extension: cat-starry-night-style-weight-20. */
export function cellName({ content, style, variant }: Cell): string {
  const parts = [stem(content.path), stem(style.path), variant.label.replaceAll(/[^\w.]+/g, '-')];
  return parts.filter(Boolean).join('-');
}

/** Names files by their stems, and those that share one by their folder too. */
function labels(sources: readonly Source[]): (path: string) => string {
  const stems = sources.map(({ path }) => stem(path));
  return (path) => {
    const isUnique = stems.filter((each) => each === stem(path)).length === 1;
    return isUnique ? stem(path) : `${basename(dirname(path))}/${basename(path)}`;
  };
}

const stem = (path: string) => basename(path, extname(path));

/** The results of all cells; undefined if some are not painted yet. */
export async function finishedCells(
  cells: readonly Cell[],
  history: History,
): Promise<FinishedCell[] | undefined> {
  const finished: FinishedCell[] = [];
  for (const cell of cells) {
    const { content, style, recipe } = cell;
    const job = recipe && history.latest(content.hash, recipe.hash);
    if (recipe && (!job || job.status === 'waiting' || job.status === 'running')) return undefined;
    if (recipe && job?.output) {
      const flaws = await flawsOf(job.output, content.path, style.path, recipe.settings);
      finished.push({ ...cell, output: job.output, flaws });
    } else finished.push({ ...cell, reason: content.reason ?? style.reason ?? job?.reason ?? undefined });
  }
  return finished;
}

/** Compares the painting with its photo and style, prepared as they were for painting. */
async function flawsOf(
  output: string,
  content: string,
  stylePath: string,
  settings: Settings,
): Promise<Flaws> {
  const painting = await decode(output);
  const { width, height } = painting;
  const { content: photo } = await readContent(await readPictureFile(content), settings, { width, height });
  const { style } = await readStyle(await readPictureFile(stylePath), settings, 0, photo);
  return findFlaws(painting, { photo, style });
}

/** Styles are columns; each photo has a row for every variant. */
export function sheetOf(
  contents: readonly Source[],
  styles: readonly Source[],
  cells: readonly FinishedCell[],
): Sheet {
  const rows = Array.from({ length: cells.length / styles.length }, (_, row) =>
    cells.slice(row * styles.length, (row + 1) * styles.length),
  );
  const perContent = rows.length / contents.length;
  const [photoLabel, styleLabel] = [contents, styles].map(labels);
  return {
    columns: styles.map(({ path }) => ({ label: styleLabel(path), picture: path })),
    rows: rows.map(([{ content, variant }], row) => ({
      // With several photos, rows of the same variant would look alike.
      label: [perContent === 1 || contents.length > 1 ? photoLabel(content.path) : '', variant.label]
        .filter(Boolean)
        .join(': '),
      picture: row % perContent === 0 ? content.path : undefined,
    })),
    cells: rows.map((row) =>
      row.map(({ content, output, reason = '' }) =>
        output === undefined ? { reason: shortReason(content.path, reason) } : { picture: output },
      ),
    ),
  };
}
