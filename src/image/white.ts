/** Pictures of floats, and of integers of other than 8 or 16 bits: which of their values is white. */
import sharp, { type Metadata } from 'sharp';
import { UserError } from '../util/errors.js';
import { shortNumber } from '../util/format.js';
import type { PictureFile } from './file.js';

/** Numbers of few bits are often kept in more. */
const usual = [8, 10, 12, 14, 16].map((bits) => 2 ** bits - 1);

/** Values that may be white. */
const whites: Record<string, readonly number[]> = {
  char: [2 ** 7 - 1],
  short: [2 ** 8 - 1, 2 ** 15 - 1],
  int: [...usual, 2 ** 31 - 1],
  uint: [...usual, 2 ** 32 - 1],
  float: [1, ...usual],
};

/** Others, such as Lab, say themselves what their values mean. */
const spaces = ['b-w', 'grey16', 'srgb', 'rgb16', 'scrgb'];

/**
 * The value that is shown as 255, where 0 is shown as 0; undefined for pictures of 8 and 16 bits. Floats that are 1 at most on
 * average are of 0 to 1, as other programs show them: as sRGB, and with highlights cut.
 * @throws UserError where the values can be no picture's
 */
export async function whiteOf(
  { path, bytes }: PictureFile,
  { depth, space, hasAlpha }: Metadata,
): Promise<number | undefined> {
  const candidates = whites[depth];
  if (!candidates || !spaces.includes(space)) return undefined;
  const { channels } = await sharp(bytes, { failOn: 'none' }).stats();
  const colors = hasAlpha ? channels.slice(0, -1) : channels;
  const mean = colors.reduce((sum, channel) => sum + channel.mean, 0) / colors.length;
  // sharp tells whole numbers of 32 bits, which overflow.
  const highest = Math.max(...colors.map(({ max, min }) => (max < min ? Number.POSITIVE_INFINITY : max)));
  const last = candidates[candidates.length - 1];
  const top = depth === 'float' && mean <= 1 ? 1 : Math.min(highest, Math.max(last, mean));
  const white = candidates.find((value) => top <= value);
  // Hardly more than black.
  const isDark = white === last && top < white / 16;
  if (mean >= 0 && white !== undefined && !isDark) return white;
  const found = Number.isNaN(mean) ? 'are no numbers in part' : `are ${shortNumber(mean)} on average`;
  throw new UserError(
    `${path}: its values (${depth}) ${found}, but those of a picture go from 0 to ${candidates[0]}, or to ${last}. Save it with 8 or 16 bits.`,
  );
}
