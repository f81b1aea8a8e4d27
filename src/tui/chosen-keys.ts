/** The user's own keys: keys.json in the folder of the configuration, `{"pause": ["space", "P"], "skip": []}`. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import leven from 'leven';
import { z } from 'zod';
import { folders } from '../util/folders.js';
import { keyNames, meet, usualBindings } from './keymap.js';

const schema = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

/** Keys with a meaning that cannot be changed. */
const fixed: Record<string, string> = { 'ctrl-c': 'stops the program', esc: 'goes back' };

interface Chosen {
  bindings: typeof usualBindings;
  /** What is wrong with the file, for the user; the rest of it counts. */
  problems: string[];
}

export async function readKeys(path = folders.keys): Promise<Chosen> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (typeof text === 'string') {
    const { bindings, problems } = chosenKeys(text);
    return { bindings, problems: problems.map((problem) => `${basename(path)}: ${problem}`) };
  }
  const problems = text.code === 'ENOENT' ? [] : [`${path}: cannot be read (${text.code}).`];
  return { bindings: usualBindings, problems };
}

/** The key table with the keys of a file, given its text. */
export function chosenKeys(text: string): Chosen {
  let given: z.infer<typeof schema>;
  try {
    given = schema.parse(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch (error) {
    const why = error instanceof SyntaxError ? `not JSON (${error.message})` : 'not keys by action';
    return { bindings: usualBindings, problems: [`${why}: expected such as {"pause": ["space", "P"]}.`] };
  }
  const problems: string[] = [];
  const actions = usualBindings.map(({ action }) => action);
  const chosen = new Map<string, string[]>();
  for (const [action, keys] of Object.entries(given)) {
    if (!actions.some((name) => name === action))
      problems.push(`there is no action ${action}.${didYouMean(action, actions)} The help lists them.`);
    else if (action === 'slot') problems.push('slot: its keys are the digits; they cannot be changed.');
    else {
      const all = [keys].flat();
      const known = all.filter((key) => isKey(key, action));
      // An action whose keys are all wrong keeps those it has.
      if (known.length > 0 || all.length === 0) chosen.set(action, known);
    }
  }
  const bindings = usualBindings.map((binding) => ({
    ...binding,
    keys: chosen.get(binding.action) ?? binding.keys,
  }));
  for (const [i, binding] of bindings.entries()) {
    for (const other of bindings.slice(i + 1)) {
      if (!meet(binding, other)) continue;
      for (const key of binding.keys.filter((key) => other.keys.includes(key))) settle(key, binding, other);
    }
  }
  return { bindings, problems };

  function isKey(key: string, action: string): boolean {
    if (fixed[key]) problems.push(`${action}: ${key} ${fixed[key]}; choose another key.`);
    else if (!isKeyName(key)) problems.push(`${action}: there is no key ${key}.${didYouMean(key, keyNames)}`);
    return !fixed[key] && isKeyName(key);
  }

  /** A chosen key is taken from an action that has it by default; of two that it was chosen for, the first keeps it. */
  function settle(key: string, first: (typeof bindings)[number], second: (typeof bindings)[number]): void {
    const loser = chosen.has(second.action) && !chosen.has(first.action) ? first : second;
    const winner = loser === first ? second : first;
    loser.keys = loser.keys.filter((other) => other !== key);
    const command =
      loser.keys.length === 0 ? ` ${loser.action} has no key now; :${loser.action} does it.` : '';
    problems.push(
      `${key} is the key of ${winner.action} and of ${loser.action}: it is ${winner.action}.${command}`,
    );
  }
}

/** A character, one of the names, or a letter with ctrl- or alt-. */
const isKeyName = (key: string) =>
  [...key].length === 1
    ? key > ' '
    : (keyNames as readonly string[]).includes(key) || /^(ctrl-[a-z]|alt-\S)$/u.test(key);

function didYouMean(wrong: string, names: readonly string[]): string {
  const [nearest] = [...names].sort((a, b) => leven(wrong, a) - leven(wrong, b));
  return leven(wrong, nearest) <= Math.ceil(wrong.length / 3) ? ` Did you mean ${nearest}?` : '';
}
