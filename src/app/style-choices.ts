/** The styles offered while painting: presets, and pictures from the folders of the styles in use and the bundled ones. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { isPictureName } from '../image/formats.js';
import { loadPreset, presetFiles, styleFolder } from '../settings/presets.js';
import type { Choice } from '../tui/screen-actions.js';

/** @param styles paths of the styles in use */
export async function choices(styles: readonly string[]): Promise<Choice[]> {
  const folders = [...new Set([...styles.map((path) => dirname(path)), styleFolder])];
  const paintings = await Promise.all(folders.map(paintingsIn));
  return [...(await presets()), ...paintings.flat()];
}

async function presets(): Promise<Choice[]> {
  const found = await Promise.all(
    // A broken user preset is reported when it is used by name.
    (await presetFiles()).map(({ name }) => loadPreset(name).catch(() => undefined)),
  );
  return found.flatMap((preset) =>
    preset
      ? [
          {
            name: preset.name,
            kind: 'preset' as const,
            settings: preset.settings,
            picture: preset.settings.styles?.[0],
          },
        ]
      : [],
  );
}

async function paintingsIn(folder: string): Promise<Choice[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => isPictureName(name) && !name.startsWith('.'))
    .sort()
    .map((name) => {
      const picture = join(folder, name);
      return {
        name: basename(name, extname(name)),
        kind: 'painting',
        settings: { styles: [picture] },
        picture,
      };
    });
}
