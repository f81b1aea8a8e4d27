/** stylize-tui presets: lists the presets, or shows all settings of one. */
import type { Argv, CommandModule } from 'yargs';
import { loadPreset, presetFiles } from '../../settings/presets.js';
import { parseSettings, settingNames } from '../../settings/settings.js';
import { UserError } from '../../util/errors.js';
import { folders } from '../../util/folders.js';
import { say } from '../../util/say.js';
import { flag } from '../flags/options.js';

interface PresetsFlags {
  name?: string;
  json: boolean;
}

export const presetsCommand: CommandModule<object, PresetsFlags> = {
  command: 'presets [name]',
  describe: 'List the presets, or show one',
  builder: (yargs) =>
    yargs
      .positional('name', { type: 'string', describe: 'A preset, or a .json file' })
      .option('json', flag('One JSON object per line')) as unknown as Argv<PresetsFlags>,
  handler: async ({ name, json }) => {
    if (json) return printJson(name === undefined ? await presetFiles() : [await loadPreset(name)]);
    if (name !== undefined) {
      const { path, settings } = await loadPreset(name);
      say(path);
      const all: Record<string, unknown> = parseSettings(settings, path);
      for (const key of settingNames)
        say(`${key in settings ? '*' : ' '} ${key.padEnd(20)} ${JSON.stringify(all[key]) ?? 'not set'}`);
      return say('* is set by the preset, the rest are defaults.');
    }
    for (const preset of await presetFiles()) {
      say(`${preset.name.padEnd(14)} ${await describe(preset.name)}`);
    }
    say(`Your own presets: JSON files with settings, as ${folders.presets}/NAME.json or at any path.`);
  },
};

/** Name, path and settings of each; `all` has the defaults too. A broken one has a `problem` instead. */
async function printJson(presets: readonly { name: string; path: string }[]): Promise<void> {
  for (const { name, path } of presets) {
    const rest = await loadPreset(name).then(
      ({ settings }) => ({ settings, all: parseSettings(settings, path) }),
      (error: Error) => ({ problem: error.message }),
    );
    process.stdout.write(`${JSON.stringify({ name, path, ...rest })}\n`);
  }
}

/** The settings of a preset, or what is wrong with it, so that a broken one does not hide the others. */
async function describe(name: string): Promise<string> {
  try {
    const { settings } = await loadPreset(name);
    const list = Object.entries(settings).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
    return list.join(', ') || 'all defaults';
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
