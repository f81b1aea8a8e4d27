/** The folders that are written to. */
import { mkdtemp, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { folders } from '../../util/folders.js';
import { bad, type Finding, good } from './finding.js';
import { shellPath } from './fixes.js';

export interface Folder {
  name: string;
  path: string;
  /** The variable of the environment that names another one. */
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

/** Whether it can be written in, or be made. */
export async function checkFolder(folder: Folder): Promise<Finding> {
  const { name, path } = folder;
  const there = await nearest(path);
  if (!there.isFolder)
    return bad(name, `${there.path} is a file, not a folder`, fixForFile(folder, there.path));
  try {
    // Rights alone do not tell: file systems are read-only or full, or have rules of their own.
    await rmdir(await mkdtemp(join(there.path, '.stylize-tui-')));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const fix = code === 'EACCES' && (await isOurs(there.path)) ? allow(there.path) : elsewhere(folder);
    return bad(name, `${there.path} cannot be written in (${code})`, fix);
  }
  return good(name, `${path}, ${there.path === path ? 'writable' : 'can be made'}`);
}

/** The folder, or what exists of the way to it. */
async function nearest(path: string): Promise<{ path: string; isFolder: boolean }> {
  const found = await stat(path).catch(() => undefined);
  if (found || path === dirname(path)) return { path, isFolder: found?.isDirectory() ?? false };
  return nearest(dirname(path));
}

function fixForFile({ variable }: Folder, file: string): string {
  if (variable && process.env[variable]) return `unset ${variable}`;
  return `mv ${shellPath(file)} ${shellPath(`${file}.old`)}`;
}

const isOurs = async (path: string) => (await stat(path)).uid === process.getuid?.();

const allow = (path: string) => `chmod u+rwx ${shellPath(path)}`;

const elsewhere = ({ variable }: Folder) =>
  variable
    ? `export ${variable}=FOLDER, one that you may write in`
    : 'change to a folder that you may write in, such as your own: cd ~';
