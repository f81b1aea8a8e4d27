/** The child's side of `checkLibraries`: loads the library that it is named, and prints how that went as JSON. */
import { describeError } from './finding.js';

export type Loaded = { vips?: string; formats?: string[] } | { reason: string };

const load = async (name: string): Promise<Loaded> => {
  const { default: library } = await import(name);
  return name === 'sharp' ? describe(library) : {};
};

/** Formats by the endings of their files; those that can pull in other files are never read. */
function describe({ versions, format }: typeof import('sharp').default): Loaded {
  const all = ['jpeg', 'png', 'webp', 'tiff', 'gif', 'heif'] as const;
  const formats = all.flatMap((name) => {
    const { file, fileSuffix = [] } = format[name]?.input ?? {};
    if (name !== 'heif') return file ? [name] : [];
    return fileSuffix.map((suffix) => suffix.slice(1));
  });
  return { vips: versions.vips, formats };
}

load(process.argv[2])
  .catch((error: unknown): Loaded => ({ reason: describeError(error).found }))
  .then((loaded) => process.stdout.write(JSON.stringify(loaded)));
