/** The child process of checkLibraries(): loads the library named by its argument, and prints the result as JSON. */
import { describeError } from './finding.js';

export type Loaded = { vips?: string; formats?: string[] } | { reason: string };

const load = async (name: string): Promise<Loaded> => {
  const { default: library } = await import(name);
  return name === 'sharp' ? describe(library) : {};
};

/** Formats by file extension. Formats that can include other files, such as SVG, are left out, since they are never read. */
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
