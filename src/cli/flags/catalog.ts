/** The flags and subcommands of commands, read from their builders: for completion, config files, messages and docs/commands.md. */
/** An option as it is passed to yargs. */
export interface Option {
  describe: string;
  type?: 'string' | 'boolean';
  alias?: string | readonly string[];
  choices?: readonly string[];
  array?: boolean;
  requiresArg?: boolean;
  default?: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: as yargs has it
  coerce?: (values: any) => unknown;
}

export interface Described {
  /** By name, with dashes; those of all subcommands included. */
  options: Map<string, Option>;
  positionals: Map<string, Option>;
  subcommands: { usage: string; describe: string }[];
  /** Command lines, starting with $0. */
  examples: string[];
}

/**
 * Runs a builder without a command line.
 * @param builder of a command, as yargs has it; anything but a function describes nothing
 */
export function describeCommand(builder: unknown): Described {
  const found: Described = { options: new Map(), positionals: new Map(), subcommands: [], examples: [] };
  const option = (name: string, given: Option) =>
    found.options.set(name, { ...found.options.get(name), ...given });
  const recorded: Record<string, (...given: never[]) => unknown> = {
    option,
    options: (several: Record<string, Option>) =>
      Object.entries(several).forEach(([name, given]) => void option(name, given)),
    positional: (name: string, given: Option) => found.positionals.set(name, given),
    example: (line: string) => found.examples.push(line),
    command: (usage: string, describe: string, inner: unknown) => {
      found.subcommands.push({ usage, describe });
      const { options, positionals } = describeCommand(inner);
      options.forEach((given, name) => void option(name, given));
      positionals.forEach((given, name) => void found.positionals.set(name, given));
    },
  };
  const yargs: unknown = new Proxy(recorded, {
    get:
      (_, method) =>
      (...given: never[]) => {
        recorded[String(method)]?.(...given);
        return yargs;
      },
  });
  if (typeof builder === 'function') builder(yargs);
  return found;
}

/** All ways to write a flag on the command line: --size, --no-tui, -s. */
export function spellings(options: ReadonlyMap<string, Option>): string[] {
  return [...options].flatMap(([name, { type, alias = [] }]) => {
    const names = [name, ...[alias].flat()].map((each) => (each.length === 1 ? `-${each}` : `--${each}`));
    return type === 'boolean' ? [...names, `--no-${name}`] : names;
  });
}
