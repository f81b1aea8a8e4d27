/** What can follow on a command line: the commands, their flags and words, and the values of flags. */
import type { CommandModule } from 'yargs';
import { layerNames } from '../../network/vgg19.js';
import { namedPaintings, presetFiles } from '../../settings/presets.js';
import { describeCommand, type Option, spellings } from '../flags/catalog.js';
import { toNumber } from '../flags/values.js';

/** Values to choose from; `files` also allows the names of files, `folders` of folders. */
export interface Values {
  words: readonly string[];
  paths?: 'files' | 'folders';
}

export interface FlagWords {
  /** --style, -s */
  names: readonly string[];
  describe: string;
  /** Undefined for a switch. */
  values?: Values;
}

export interface CommandWords {
  name: string;
  describe: string;
  flags: readonly FlagWords[];
  /** What can follow besides flags. */
  rest: Values;
}

/** Flags whose values are neither files nor known words. */
const free = ['blend', 'style-scales', 'until', 'memory', 'device', 'include'];

/** Everything that can be completed, presets of the user included. */
export async function completionWords(commands: readonly CommandModule[]): Promise<CommandWords[]> {
  const presets = (await presetFiles()).map(({ name }) => name);
  const special: Record<string, Values> = {
    style: { words: await namedPaintings(), paths: 'files' },
    preset: { words: presets, paths: 'files' },
    layers: { words: layerNames },
    'layer-styles': { words: layerNames.map((layer) => `${layer}=`) },
  };
  const valuesOf = (name: string, { type, choices, coerce }: Option): Values | undefined => {
    if (type === 'boolean') return undefined;
    if (choices) return { words: choices };
    const kind = name === 'styles' ? 'style' : name.endsWith('-layers') ? 'layers' : name;
    if (special[kind]) return special[kind];
    return coerce === toNumber || free.includes(name) ? { words: [] } : { words: [], paths: 'files' };
  };
  return commands.map(({ command, describe, builder }) => {
    const { options, positionals, subcommands } = describeCommand(builder);
    const flags = [...options].map(([name, option]) => ({
      names: spellings(new Map([[name, option]])),
      describe: option.describe,
      values: valuesOf(name, option),
    }));
    const [name] = String(command).split(' ');
    const inner = subcommands.map(({ usage }) => usage.split(' ')[0]).filter((word) => word !== '$0');
    const chosen = [...positionals.values()].flatMap(({ choices = [] }) => choices);
    const words = name === 'presets' ? presets : [...inner, ...chosen];
    const paths = /\[photos|<pictures|<file>/.test(`${command} ${subcommands.map(({ usage }) => usage)}`)
      ? ('files' as const)
      : positionals.has('inbox') || positionals.has('folder')
        ? ('folders' as const)
        : undefined;
    return { name, describe: String(describe), flags, rest: { words, paths } };
  });
}
