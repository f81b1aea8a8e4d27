/** A report is shown to others: it does not tell where the person's home folder is, and so who they are. */
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';

/** The home folder, wherever it stands in a text, as ~. */
export function hideHome(text: string, home = homedir()): string {
  // Messages of libraries may have it with its links followed.
  const spellings = [...new Set([home, followed(home)])].filter((path) => path.length > 1);
  return spellings.reduce((text, path) => text.replace(inText(path), '~'), text);
}

/** As a whole path, or the beginning of one. */
const inText = (path: string) =>
  new RegExp(`(?<![\\w./\\\\-])${path.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?![\\w-]|\\.\\w)`, 'g');

function followed(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
