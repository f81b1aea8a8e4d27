/** Where this user's own files are: by the XDG rules on Linux, and what is usual elsewhere. */
import { join } from 'node:path';
import envPaths from 'env-paths';

const { config, cache, data } = envPaths('stylize-tui', { suffix: '' });

export const folders = {
  config,
  cache,
  data,
  /** Presets that the user wrote. */
  presets: join(config, 'presets'),
  /** What the user chose once and for all. */
  choices: join(config, 'config.json'),
  /** Networks that were downloaded. */
  models: join(cache, 'models'),
  /** What was found out about this machine, and can be found out again. */
  trials: join(cache, 'trials.json'),
  /** Libraries of engines that were installed. */
  engines: join(data, 'engines'),
};
