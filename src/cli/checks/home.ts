/** Hides the home folder in a report, which may be public, since the path contains the user's name. */
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';

/** Replaces the home folder by ~ everywhere in a text. */
export function hideHome(text: string, home = homedir()): string {
  // Messages of libraries may contain the path with its links resolved.
  const spellings = [...new Set([home, followed(home)])].filter((path) => path.length > 1);
  return spellings.reduce((text, path) => text.replace(inText(path), '~'), text);
}

/** Matches the path itself, or as the beginning of a longer path. */
const inText = (path: string) =>
  new RegExp(`(?<![\\w./\\\\-])${path.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?![\\w-]|\\.\\w)`, 'g');

function followed(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
