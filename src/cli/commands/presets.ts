/** stylize-tui presets: lists them, or shows one with everything it means. */
import type { Argv, CommandModule } from 'yargs';
import { loadPreset, presetFiles } from '../../settings/presets.js';
import { parseSettings, settingNames } from '../../settings/settings.js';
import { UserError } from '../../util/errors.js';
import { folders } from '../../util/folders.js';
import { say } from '../../util/say.js';

interface PresetsFlags {
  name?: string;
}

export const presetsCommand: CommandModule<object, PresetsFlags> = {
  command: 'presets [name]',
  describe: 'List the presets, or show one',
  builder: (yargs) =>
    yargs.positional('name', {
      type: 'string',
      describe: 'A preset, or a .json file',
    }) as Argv<PresetsFlags>,
  handler: async ({ name }) => {
    if (name !== undefined) {
      const { path, settings } = await loadPreset(name);
      say(path);
      const all: Record<string, unknown> = parseSettings(settings, path);
      for (const key of settingNames)
        say(`${key in settings ? '*' : ' '} ${key.padEnd(20)} ${JSON.stringify(all[key]) ?? 'not set'}`);
      return say('* is said by the preset, the rest are defaults.');
    }
    for (const preset of await presetFiles()) {
      say(`${preset.name.padEnd(14)} ${await describe(preset.name)}`);
    }
    say(`Your own: settings in JSON, as ${folders.presets}/NAME.json or any path.`);
  },
};

/** What a preset says; a broken one is no reason not to list the others. */
async function describe(name: string): Promise<string> {
  try {
    const { settings } = await loadPreset(name);
    const said = Object.entries(settings).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
    return said.join(', ') || 'all defaults';
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
