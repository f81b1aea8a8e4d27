/** Commands that fix what a check found. */
import { program } from '../../util/program.js';

/** A path as a shell takes it; a ~ that replaces the home folder must stay outside quotes. */
export const shellPath = (path: string) =>
  process.platform === 'win32' ? `"${path}"` : path.replace(/[^\w./~@%+:-]/gu, '\\$&');

/** Brings back what npm installed: the program with its libraries, or those of a clone. */
export const reinstall = program.folder.includes('node_modules')
  ? `npm install --global --ignore-scripts --include=optional ${program.name}`
  : `npm install --include=optional --prefix ${shellPath(program.folder)}`;
