/** Which files are taken for pictures, and which can be written. */
import { basename, extname } from 'node:path';
import { UserError } from '../util/errors.js';

export type OutputFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif';

const outputs: Record<string, OutputFormat> = {
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.jpe': 'jpeg',
  '.jfif': 'jpeg',
  '.png': 'png',
  '.webp': 'webp',
  '.tif': 'tiff',
  '.tiff': 'tiff',
  '.avif': 'avif',
};

/** Read, but written as something else: GIF has too few colors, HEIC cannot be encoded. */
const readOnly: Record<string, string> = { '.gif': '.png', '.heic': '.jpg', '.heif': '.jpg' };

/** For messages. */
export const readable = 'JPEG, PNG, WebP, TIFF, AVIF or GIF';

/** Photos that cannot be read, by how their names end. */
const unread: Array<[kind: string, extensions: RegExp]> = [
  ['JPEG XL', /^\.jxl$/],
  ['JPEG 2000', /^\.(jp2|j2k|jpf|jpx)$/],
  ['raw camera data', /^\.(dng|cr[23]|crw|nef|nrw|arw|srf|sr2|orf|rw2|raf|pef|srw|x3f|3fr|iiq)$/],
  ['BMP', /^\.(bmp|dib)$/],
  ['Photoshop', /^\.ps[db]$/],
  ['OpenEXR', /^\.exr$/],
];

/** What kind of photo it is by a file's name, where that kind is not read. */
export function unreadKind(path: string): string | undefined {
  const extension = extname(path).toLowerCase();
  return unread.find(([, extensions]) => extensions.test(extension))?.[0];
}

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

/** Formats that are read, and by which bytes they begin; names are sharp's. */
const signatures: Array<[format: string, pattern: RegExp]> = [
  ['jpeg', /^\xff\xd8\xff/],
  ['png', /^\x89PNG\r\n/],
  ['webp', /^RIFF[\s\S]{4}WEBP/],
  ['tiff', /^(II[*+]\0|MM\0[*+])/],
  ['gif', /^GIF8[79]a/],
  ['heif', /^[\s\S]{4}ftyp(avi[fs]|hei[cxms]|hev[cxms]|mif1|msf1|miaf)/],
];

/** Known, so that the message can name them. SVG and PDF can pull in other files; none of these is ever opened. */
const refused: Array<[format: string, pattern: RegExp]> = [
  ['SVG', /<svg[\s>]/],
  ['PDF', /^[\s\S]{0,1000}%PDF-/],
  ['BMP', /^BM/],
  ['JPEG XL', /^(\xff\n|[\s\S]{4}JXL )/],
  ['JPEG 2000', /^(\xffO\xffQ|[\s\S]{4}jP {2})/],
  ['Photoshop', /^8BPS/],
  ['a film', /^[\s\S]{4}ftyp/],
  ['text', /^[\t\r\n\x20-\x7e]+$/],
];

/** What a file is by its content, whatever its name: a format that is read, or what it looks like instead, if that. */
export function recognizeFormat(bytes: Buffer): { format?: string; looksLike?: string } {
  const head = bytes.toString('latin1', 0, 1024);
  const find = (kinds: typeof signatures) => kinds.find(([, pattern]) => pattern.test(head))?.[0];
  return { format: find(signatures), looksLike: find(refused) };
}

/** The format that an output's name asks for. Throws UserError for one that cannot be written. */
export function formatOf(path: string): OutputFormat {
  const format = outputs[extname(path).toLowerCase()];
  if (format) return format;
  throw new UserError(
    `${basename(path)}: cannot write that format. Name it .jpg, .png, .webp, .tif or .avif.`,
  );
}
