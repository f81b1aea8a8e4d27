/** The address of a queue server, and its password, which is never printed and never on a command line. */

import { UserError } from '../util/errors.js';
import { readWhole } from '../util/read-file.js';

/** Environment variables with an address, which may contain a password, and with a password alone. */
export const addressVariable = 'STYLIZE_TUI_QUEUE';
export const passwordVariable = 'STYLIZE_TUI_QUEUE_PASSWORD';

export type ServerKind = 'redis' | 'postgres';

export interface Address {
  kind: ServerKind;
  /** With its password. */
  url: string;
  /** Without it, for people. */
  shown: string;
}

const kinds: Record<string, ServerKind> = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'valkey:': 'redis',
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
};

const maxPasswordBytes = 4096;

/**
 * @param flag the value of --queue; the environment's address if undefined
 * @param passwordFile a file that contains only the password
 * @returns undefined if no server is named
 * @throws UserError for an address that is none, or a password on the command line
 */
export async function queueAddress(flag?: string, passwordFile?: string): Promise<Address | undefined> {
  const { [addressVariable]: fromEnvironment, [passwordVariable]: password } = process.env;
  const given = flag ?? (fromEnvironment || undefined);
  if (given === undefined) return undefined;
  const origin = flag === undefined ? addressVariable : '--queue';
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const kind = url && kinds[url.protocol];
  // The value is not quoted, since it may contain a password.
  if (!url || !kind)
    throw new UserError(
      `${origin}: expected an address such as redis://host:6379, rediss://host (with TLS) or postgres://user@host/database.`,
    );
  if (flag !== undefined && url.password)
    throw new UserError(
      `--queue: every user of this machine can read a password on the command line. Put it into ${passwordVariable}, or into a file for --queue-password-file.`,
    );
  if (url.protocol === 'valkey:') return queueAddress(given.replace(/^valkey:/, 'redis:'), passwordFile);
  const secret = passwordFile === undefined ? password : await passwordIn(passwordFile);
  if (secret) url.password = encodeURIComponent(secret);
  return { kind, url: url.href, shown: shownUrl(url) };
}

/** Without password and parameters, which may contain one too. */
function shownUrl(url: URL): string {
  const shown = new URL(url);
  shown.password = '';
  shown.search = '';
  return shown.href;
}

async function passwordIn(path: string): Promise<string> {
  const bytes = await readWhole(path, { maxBytes: maxPasswordBytes }).catch(
    (error: NodeJS.ErrnoException) => {
      throw new UserError(`--queue-password-file ${path}: cannot be read (${error.code ?? error.message}).`);
    },
  );
  return bytes.toString('utf8').replace(/\r?\n$/, '');
}
