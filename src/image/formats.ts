/** Which files are taken for pictures, and which can be written. */
import { basename, extname } from 'node:path';
import { UserError } from '../settings/errors.js';

export type OutputFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif';

const outputs: Record<string, OutputFormat> = {
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.jpe': 'jpeg',
  '.png': 'png',
  '.webp': 'webp',
  '.tif': 'tiff',
  '.tiff': 'tiff',
  '.avif': 'avif',
};

/** Read, but written as something else: GIF has too few colours, HEIC cannot be encoded. */
const readOnly: Record<string, string> = { '.gif': '.png', '.heic': '.jpg', '.heif': '.jpg' };

/** For messages. */
export const readable = 'JPEG, PNG, WebP, TIFF, AVIF or GIF';

/** Whether a file's name says that it is a picture this program might read. */
export function isPictureName(path: string): boolean {
  const extension = extname(path).toLowerCase();
  return extension in outputs || extension in readOnly;
}

/** The extension of a painting made from this source: its own, where that format can be written. */
export function outputExtension(source: string): string {
  const extension = extname(source);
  const lower = extension.toLowerCase();
  return lower in outputs ? extension : (readOnly[lower] ?? '.png');
}

/** The format that an output's name asks for. Throws UserError for one that cannot be written. */
export function formatOf(path: string): OutputFormat {
  const format = outputs[extname(path).toLowerCase()];
  if (format) return format;
  throw new UserError(
    `${basename(path)}: cannot write that format. Name it .jpg, .png, .webp, .tif or .avif.`,
  );
}
