/** Where this user's own files are: by the XDG rules on Linux, and what is usual elsewhere. */
import { join } from 'node:path';
import envPaths from 'env-paths';

const { config, cache } = envPaths('stylize-tui', { suffix: '' });

export const folders = {
  /** Presets that the user wrote. */
  presets: join(config, 'presets'),
  /** What the user chose once and for all. */
  choices: join(config, 'config.json'),
  /** Networks that were downloaded. */
  models: join(cache, 'models'),
};
