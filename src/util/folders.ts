/** The folders of the user's own files: XDG base directories on Linux, the platform's conventions elsewhere. */
import { join } from 'node:path';
import envPaths from 'env-paths';

const { config, cache, data } = envPaths('stylize-tui', { suffix: '' });

export const folders = {
  config,
  cache,
  data,
  /** Presets written by the user. */
  presets: join(config, 'presets'),
  /** The user's defaults for flags. */
  choices: join(config, 'config.json'),
  /** The user's own keys on the screen. */
  keys: join(config, 'keys.json'),
  /** Downloaded networks. */
  models: join(cache, 'models'),
  /** Results of trying the engines on this machine; recreated if deleted. */
  trials: join(cache, 'trials.json'),
  /** Libraries of installed engines. */
  engines: join(data, 'engines'),
};
