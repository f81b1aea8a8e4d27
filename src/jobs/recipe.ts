/** How pictures are to be painted: settings, styles, and one hash that tells whether that was done already. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { decode } from '../image/decode.js';
import { boxHash } from '../network/weights.js';
import { UserError } from '../settings/errors.js';
import type { Settings } from '../settings/settings.js';
import { normaliseBlend } from '../transfer/blend.js';
import { hashFile } from './hash.js';

export interface Recipe {
  settings: Settings;
  /** Absolute paths. */
  styles: string[];
  /** Same hash, same paintings: of the settings, the styles' content and the network. */
  hash: string;
}

/**
 * Checks styles and blend before any picture is begun.
 * @throws UserError for a style that cannot be read, or a blend or style scales that do not fit the styles
 */
export async function makeRecipe(styleFiles: readonly string[], settings: Settings): Promise<Recipe> {
  const styles = styleFiles.map((file) => resolve(file));
  if (styles.length === 0)
    throw new UserError('--styles needs at least one picture to paint in the style of.');
  const blend = normaliseBlend(settings.blend, styles.length);
  const scales = settings.styleScales.length;
  if (scales !== 1 && scales !== styles.length) {
    throw new UserError(
      `--style-scales has ${scales} numbers for ${styles.length} styles. Give one, or one per style.`,
    );
  }
  const hashes: string[] = [];
  for (const style of styles) {
    await decode(style, { longest: 64 }).catch((error: unknown) => {
      if (error instanceof UserError) throw new UserError(`--styles: ${error.message}`);
      throw error;
    });
    hashes.push(await hashFile(style));
  }
  const deciding = JSON.stringify({ ...settings, blend, styles: hashes, network: boxHash });
  return {
    settings: { ...settings, blend },
    styles,
    hash: createHash('sha256').update(deciding).digest('hex'),
  };
}
