/** The styles offered while painting: pictures from the folders of the styles in use and the bundled ones, and presets. */
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, extname, join, sep } from 'node:path';
import { isPictureName } from '../image/formats.js';
import { loadPreset, presetFiles, styleFolder } from '../settings/presets.js';
import type { Settings } from '../settings/settings.js';
import type { Choice } from '../tui/screen-actions.js';

/** @param styles paths of the styles in use */
export async function choices(styles: readonly string[]): Promise<Choice[]> {
  const folders = [...new Set([...styles.map((path) => dirname(path)), styleFolder])];
  const paintings = await Promise.all(folders.map(paintingsIn));
  return [...paintings.flat(), ...(await presets())];
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
            about: describe(preset.settings),
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
    .map((name) => painting(join(folder, name)));
}

const painting = (picture: string): Choice => ({
  name: basename(picture, extname(picture)),
  kind: 'painting',
  settings: { styles: [picture] },
  about: paintings[picture] ?? picture,
  picture,
});

/** Who painted what comes along. */
const paintings: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    'great-wave': 'Katsushika Hokusai, The Great Wave off Kanagawa, about 1831',
    shipwreck: 'J. M. W. Turner, The Shipwreck of the Minotaur, about 1810',
    'starry-night': 'Vincent van Gogh, The Starry Night, 1889',
    'the-scream': 'Edvard Munch, The Scream, 1893',
  }).map(([name, about]) => [join(styleFolder, `${name}.jpg`), about]),
);

/** What a preset sets, in one line. */
function describe(settings: Partial<Settings>): string {
  const words = Object.entries(settings).map(([name, value]) => {
    const text =
      name === 'styles' ? (value as string[]).map((path) => basename(path)).join(', ') : String(value);
    return `${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${text}`;
  });
  return words.join(', ');
}

/**
 * Folders and pictures whose path begins with this text, folders first; in ~ and relative paths too. Hidden ones only where
 * the text names them. Empty if the folder cannot be read.
 */
export async function pathChoices(text: string): Promise<Choice[]> {
  const path = text.replace(/^~(?=$|[\\/])/, homedir());
  const folder = path.endsWith('/') || path.endsWith(sep) ? path : join(dirname(path), sep);
  const start = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf(sep)) + 1);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const wanted = entries
    .filter(({ name }) => name.startsWith(start) && (start.startsWith('.') || !name.startsWith('.')))
    .sort((a, b) => a.name.localeCompare(b.name));
  const folders = wanted
    // A link may lead to a folder.
    .filter((entry) => entry.isDirectory() || (entry.isSymbolicLink() && !isPictureName(entry.name)))
    .map(({ name }): Choice => {
      const picture = join(folder, name, sep);
      return { name: `${name}/`, kind: 'folder', settings: {}, about: picture, picture };
    });
  const pictures = wanted
    .filter((entry) => !entry.isDirectory() && isPictureName(entry.name))
    .map(({ name }) => ({ ...painting(join(folder, name)), name }));
  return [...folders, ...pictures];
}
