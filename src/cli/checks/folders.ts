/** Checks the folders that the program writes to. */
import { mkdtemp, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { folders } from '../../util/folders.js';
import { bad, type Finding, good } from './finding.js';
import { shellPath } from './fixes.js';

export interface Folder {
  name: string;
  path: string;
  /** The environment variable that sets another path. */
  variable?: string;
}

export async function checkFolders(): Promise<Finding[]> {
  const { config, cache, data } = folders;
  const onLinux = (variable: string) => (process.platform === 'linux' ? variable : undefined);
  const all: Folder[] = [
    { name: 'config', path: config, variable: onLinux('XDG_CONFIG_HOME') },
    { name: 'cache', path: cache, variable: onLinux('XDG_CACHE_HOME') },
    { name: 'data', path: data, variable: onLinux('XDG_DATA_HOME') },
    { name: 'current', path: resolve() },
  ];
  return Promise.all(all.map(checkFolder));
}

/** Checks that a folder is writable or can be created. */
export async function checkFolder(folder: Folder): Promise<Finding> {
  const { name, path } = folder;
  const existing = await nearestExisting(path);
  if (!existing.isFolder)
    return bad(name, `${existing.path} is a file, not a folder`, fixForFile(folder, existing.path));
  try {
    // Permissions are not enough: the file system may be read-only or full, or have its own rules.
    await rmdir(await mkdtemp(join(existing.path, '.stylize-tui-')));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const fix = code === 'EACCES' && (await isOurs(existing.path)) ? allow(existing.path) : elsewhere(folder);
    return bad(name, `${existing.path} is not writable (${code})`, fix);
  }
  return good(name, `${path}, ${existing.path === path ? 'writable' : 'can be created'}`);
}

/** The path itself, or its nearest existing parent. */
async function nearestExisting(path: string): Promise<{ path: string; isFolder: boolean }> {
  const found = await stat(path).catch(() => undefined);
  if (found || path === dirname(path)) return { path, isFolder: found?.isDirectory() ?? false };
  return nearestExisting(dirname(path));
}

function fixForFile({ variable }: Folder, file: string): string {
  if (variable && process.env[variable]) return `unset ${variable}`;
  return `mv ${shellPath(file)} ${shellPath(`${file}.old`)}`;
}

const isOurs = async (path: string) => (await stat(path)).uid === process.getuid?.();

const allow = (path: string) => `chmod u+rwx ${shellPath(path)}`;

const elsewhere = ({ variable }: Folder) =>
  variable
    ? `export ${variable}=FOLDER, to a folder that is writable`
    : 'change to a writable folder, such as your home folder: cd ~';
