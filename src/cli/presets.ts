/** stylize-tui presets: lists them, or shows one with everything it means. */
import type { Argv, CommandModule } from 'yargs';
import { folders } from '../settings/folders.js';
import { loadPreset, presetFiles } from '../settings/presets.js';
import { parseSettings } from '../settings/settings.js';

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
    const say = (text: string) => void process.stdout.write(`${text}\n`);
    if (name !== undefined) {
      const { path, settings } = await loadPreset(name);
      say(path);
      for (const [key, value] of Object.entries(parseSettings(settings, path)))
        say(`${key in settings ? '*' : ' '} ${key.padEnd(20)} ${JSON.stringify(value)}`);
      return say('* is said by the preset, the rest are defaults.');
    }
    for (const preset of await presetFiles()) {
      const { settings } = await loadPreset(preset.name);
      const said = Object.entries(settings).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
      say(`${preset.name.padEnd(14)} ${said.join(', ') || 'all defaults'}`);
    }
    say(`Your own: settings in JSON, as ${folders.presets}/NAME.json or any path.`);
  },
};
