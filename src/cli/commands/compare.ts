/** stylize-tui compare: shows paintings side by side, with the settings in which they differ, or draws them on a sheet. */
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Argv, CommandModule } from 'yargs';
import { examine } from '../../examine/examiner.js';
import { formatOf } from '../../image/formats.js';
import { drawSheet } from '../../image/sheet.js';
import type { Provenance } from '../../settings/provenance.js';
import { settingNames } from '../../settings/settings.js';
import { writeWhole } from '../../util/atomic-write.js';
import { UserError } from '../../util/errors.js';
import { shortPath } from '../../util/format.js';
import { say, warn } from '../../util/say.js';
import { flag, text } from '../flags/options.js';
import { checkOutputs, makeFolders } from '../flags/outputs.js';
import { kebab } from '../flags/values.js';
import { findPhotos } from '../photos.js';
import { showSideBySide } from '../side-by-side.js';

interface CompareFlags {
  pictures: string[];
  output?: string;
  overwrite: boolean;
}

/** A picture, and its recipe if this program painted it. */
interface Compared {
  path: string;
  recipe?: Provenance;
}

export const compareCommand: CommandModule<object, CompareFlags> = {
  command: 'compare <pictures..>',
  describe: 'Show paintings side by side, with the settings in which they differ',
  builder: (yargs) =>
    yargs
      .positional('pictures', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Paintings or other pictures, folders, or patterns',
      })
      .option('output', {
        ...text('Draw a sheet into this file instead: .jpg, .png, .webp, .tif, .avif'),
        alias: 'o',
      })
      .option('overwrite', flag('Replace an existing sheet'))
      .example('$0 compare a.jpg b.jpg', '')
      .example('$0 compare stylized/cat*.jpg --output sheet.jpg', '') as unknown as Argv<CompareFlags>,
  handler: async ({ pictures, output, overwrite }) => {
    const { photos, problems } = await findPhotos(pictures.map(String));
    const compared = await Promise.all(photos.map(({ path }) => readCompared(path)));
    const captions = captionsOf(compared);
    if (output === undefined)
      await showSideBySide(compared.map(({ path }, i) => ({ path, caption: captions[i] })));
    else await draw(compared, captions, resolve(output), overwrite);
    warn(...problems);
    if (problems.length > 0) process.exitCode = 1;
  },
};

async function readCompared(path: string): Promise<Compared> {
  const recipe = await examine('provenance', { path }).catch((error: unknown) => {
    // Any other picture has none; whether it can be read is seen when it is drawn.
    if (!(error instanceof UserError)) throw error;
    return undefined;
  });
  return { path, recipe };
}

/** Below each picture: the settings in which the recipes differ. */
export function captionsOf(compared: readonly Compared[]): string[] {
  const recipes = compared.flatMap(({ recipe }) => recipe ?? []);
  const differing = settingNames.filter((name) =>
    recipes.some(({ settings }) => !isDeepStrictEqual(settings[name], recipes[0].settings[name])),
  );
  const shown = (value: unknown): string =>
    Array.isArray(value)
      ? value.map(shown).join('+')
      : typeof value === 'object'
        ? JSON.stringify(value)
        : basename(String(value ?? 'not set'));
  return compared.map(({ recipe }) => {
    if (!recipe) return 'not a painting of stylize-tui';
    return differing.map((name) => `${kebab(name)} ${shown(recipe.settings[name])}`).join(', ');
  });
}

/** A row with the photo at its head, if all were painted from the same, below the styles. */
async function draw(
  compared: readonly Compared[],
  captions: readonly string[],
  output: string,
  overwrite: boolean,
): Promise<void> {
  const format = formatOf(output);
  const outputs = { output, progress: [], snapshots: [] };
  await checkOutputs(
    outputs,
    compared.map(({ path }) => path),
    overwrite,
  );
  await makeFolders(outputs);
  const photos = new Set(compared.map(({ recipe }) => recipe?.content));
  const [photo] = photos.size === 1 ? photos : [];
  const sheet = {
    columns: compared.map(({ path, recipe }, i) => ({
      label: [basename(path), captions[i]].filter(Boolean).join(': '),
      picture: recipe?.settings.styles.find(existsSync),
    })),
    rows: [
      photo !== undefined && existsSync(photo) ? { label: basename(photo), picture: photo } : { label: '' },
    ],
    cells: [compared.map(({ path }) => ({ picture: path }))],
  };
  await writeWhole(output, await drawSheet(sheet, format), { overwrite });
  say(`The sheet: ${shortPath(output)}`);
}
