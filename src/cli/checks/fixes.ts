/** Commands that fix problems found by checks. */
import { program } from '../../util/program.js';

/** Escapes a path for a shell. It is not quoted, since a leading ~ would not be expanded then. */
export const shellPath = (path: string) =>
  process.platform === 'win32' ? `"${path}"` : path.replace(/[^\w./~@%+:-]/gu, '\\$&');

/** Reinstalls the program with its libraries, or the libraries of a clone. */
export const reinstall = program.folder.includes('node_modules')
  ? `npm install --global --ignore-scripts --include=optional ${program.name}`
  : `npm install --include=optional --prefix ${shellPath(program.folder)}`;
