/** stylize-tui config: shows every default, and where it is from. */
import { resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { inboxDefaults, readDefaults } from '../../inbox/sidecar.js';
import { chosenNetwork } from '../../network/store.js';
import { layered, loadPreset, usualPreset } from '../../settings/presets.js';
import { parseSettings, type Settings, settingNames } from '../../settings/settings.js';
import { folders } from '../../util/folders.js';
import { shortPath } from '../../util/format.js';
import { say } from '../../util/say.js';
import { camel, loadConfig } from '../config.js';
import { describeCommand } from '../flags/catalog.js';
import { flag } from '../flags/options.js';
import { demoCommand } from './demo.js';
import { runCommand } from './run.js';
import { sweepCommand } from './sweep.js';
import { videoCommand } from './video.js';
import { watchCommand } from './watch.js';
import { workCommand } from './work.js';

interface ConfigFlags {
  inbox?: string;
  command: string;
  json: boolean;
}

/** The flags of each command that paints, by its name. */
export const paintingFlags = new Map(
  [runCommand, watchCommand, videoCommand, workCommand, sweepCommand, demoCommand].map(
    ({ command, builder }) => [String(command).split(' ')[0], describeCommand(builder).options] as const,
  ),
);

export const configCommand: CommandModule<object, ConfigFlags> = {
  command: 'config [inbox]',
  describe: 'Show the defaults of all flags, and where they are from',
  builder: (yargs) =>
    yargs
      .positional('inbox', {
        type: 'string',
        describe: `A folder to watch; its ${inboxDefaults} is included`,
      })
      .option('command', {
        type: 'string',
        choices: [...paintingFlags.keys()],
        default: 'watch',
        describe: 'The command that they hold for',
      })
      .option('json', flag('One JSON object per line'))
      .epilog(
        `Your defaults: ${folders.choices}, in JSON: {"preset": "draft", "threads": 2, "watch": {"recursive": true}}. Settings of pictures can also be in ${inboxDefaults} in the folder to watch, where anyone who can add photos can write them.`,
      ) as unknown as Argv<ConfigFlags>,
  handler: async ({ inbox, command, json }) => {
    const rows = await defaultsOf(command, inbox === undefined ? undefined : resolve(inbox));
    if (json) for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
    else {
      const width = Math.max(...rows.map(({ name }) => name.length));
      for (const { name, value, from } of rows)
        say(`${name.padEnd(width)}  ${(JSON.stringify(value) ?? 'not set').padEnd(16)}  ${from}`);
    }
  },
};

interface Default {
  name: string;
  value: unknown;
  /** `default`, a preset or a path. */
  from: string;
}

async function defaultsOf(command: string, inbox: string | undefined): Promise<Default[]> {
  const { path, settings, presets, flags } = await loadConfig(command, paintingFlags);
  const layers: [string, Partial<Settings>][] = [];
  for (const name of [usualPreset, ...presets])
    layers.push([`preset ${name}`, (await loadPreset(name)).settings]);
  layers.push([shortPath(path), settings]);
  const own = inbox === undefined ? undefined : await readDefaults(inbox);
  if (own) layers.push([shortPath(resolve(inbox!, inboxDefaults)), own]);
  const explicit = layered(...layers.map(([, each]) => each));
  const all: Record<string, unknown> = parseSettings(explicit, 'defaults');
  all.network ??= (await chosenNetwork()) ?? 'box';
  const sourceOf = (name: string) =>
    name in explicit ? layers.findLast(([, each]) => name in each)![0] : 'default';
  // What `work` paints is set by those who ask for it.
  const isPainted = paintingFlags.get(command)!.has('preset');
  const looks = isPainted
    ? settingNames.map((name) => ({ name, value: all[name], from: sourceOf(name) }))
    : [];
  const running = [...paintingFlags.get(command)!]
    .map(([name, option]) => ({ name: camel(name), usual: option.default }))
    .filter(({ name }) => !(name in all) && !settingNames.some((each) => each === name) && name !== 'style')
    .map(({ name, usual }) => ({
      name,
      value: name === 'preset' ? (presets.length > 0 ? presets : undefined) : (flags[name] ?? usual),
      from: name in flags || (name === 'preset' && presets.length > 0) ? shortPath(path) : 'default',
    }));
  return [...looks, ...running];
}
