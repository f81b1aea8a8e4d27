/**
 * Starts real servers for tests, each in a temporary folder: Valkey or Redis, PostgreSQL, and an S3 gateway on a folder.
 * Where one is not installed, its tests are skipped with a message, unless STYLIZE_TUI_TEST_SERVERS names it.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @typedef {object} Server
 * @property {string} url an address with everything a client needs
 * @property {Record<string, string>} env environment of a client, for the credentials of S3
 * @property {string} folder where its data are
 * @property {() => Promise<void>} start
 * @property {() => Promise<void>} kill
 * @property {() => Promise<void>} restart kills it, and starts it again with its data
 * @property {() => Promise<void>} stop kills it, and removes its data
 */

/**
 * @param {'redis' | 'postgres' | 's3'} kind
 * @returns {(() => Promise<Server>) | undefined} undefined if the server is not installed
 * @throws if it must be
 */
export function serverKind(kind) {
  const program = kinds[kind].programs.map(find).find((path) => path !== undefined);
  if (program !== undefined) return () => kinds[kind].launch(program);
  const names = kinds[kind].programs.join(' or ');
  if (process.env.STYLIZE_TUI_TEST_SERVERS?.split(' ').includes(kind))
    throw new Error(`${names} is not installed`);
  process.stderr.write(`Skipped: tests that need ${names}, which is not installed.\n`);
  return undefined;
}

const find = (/** @type {string} */ name) =>
  [...(process.env.PATH ?? '').split(':'), join(homedir(), 'go/bin'), ...postgresFolders()]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

const postgresFolders = () =>
  existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`)
    : [];

/** @type {Record<string, { programs: string[], launch(program: string): Promise<Server> }>} */
const kinds = {
  redis: {
    programs: ['valkey-server', 'redis-server'],
    launch: async (program) => {
      const port = await freePort();
      const folder = mkdtempSync(join(tmpdir(), 'redis-'));
      const options = [
        '--port',
        String(port),
        '--dir',
        folder,
        '--appendonly',
        'yes',
        '--save',
        '',
        '--bind',
        '127.0.0.1',
      ];
      return launched({
        program,
        args: [...options, '--maxmemory-policy', 'noeviction'],
        port,
        folder,
        url: `redis://127.0.0.1:${port}`,
      });
    },
  },
  postgres: {
    programs: ['postgres'],
    launch: async () => {
      const port = await freePort();
      const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
      const data = join(folder, 'data');
      // PostgreSQL refuses to run as root.
      const user = userInfo().uid === 0 ? idsOf('postgres') : undefined;
      if (user) chownSync(folder, user.uid, user.gid);
      const bin = postgresFolders().find((each) => existsSync(join(each, 'initdb')));
      if (!bin) throw new Error('initdb is not installed');
      execFileSync(join(bin, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'test', '--no-sync'], {
        ...user,
        stdio: 'ignore',
      });
      const args = [
        '-D',
        data,
        '-p',
        String(port),
        '-k',
        folder,
        '-c',
        'listen_addresses=127.0.0.1',
        '-c',
        'max_connections=300',
      ];
      return launched({
        program: join(bin, 'postgres'),
        args,
        port,
        folder,
        user,
        url: `postgres://test@127.0.0.1:${port}/postgres`,
      });
    },
  },
  s3: {
    programs: ['versitygw'],
    launch: async (program) => {
      const port = await freePort();
      const folder = mkdtempSync(join(tmpdir(), 's3-'));
      for (const name of ['data/studio', 'iam']) mkdirSync(join(folder, name), { recursive: true });
      const env = { ROOT_ACCESS_KEY: 'test', ROOT_SECRET_KEY: 'test-secret' };
      const args = ['--port', `127.0.0.1:${port}`, 'posix', join(folder, 'data')];
      return launched({
        ...{ program, args, port, folder, env, url: 's3://studio/paintings' },
        client: {
          AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test-secret',
          AWS_REGION: 'us-east-1',
        },
      });
    },
  },
};

/**
 * @param {{ program: string, args: string[], port: number, folder: string, url: string, user?: { uid: number, gid: number },
 *   env?: Record<string, string>, client?: Record<string, string> }} options
 * @returns {Promise<Server>}
 */
async function launched({ program, args, port, folder, url, user, env, client = {} }) {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;
  const start = async () => {
    child = spawn(program, args, { ...user, env: { ...process.env, ...env }, stdio: 'ignore' });
    process.once('exit', kill9);
    await answers(port);
  };
  const kill9 = () => void child?.kill('SIGKILL');
  const kill = async () => {
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    kill9();
    await ended;
  };
  await start();
  return {
    url,
    env: client,
    folder,
    start,
    kill,
    restart: async () => {
      await kill();
      await start();
    },
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @param {string} name */
function idsOf(name) {
  const id = (/** @type {string} */ flag) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** @param {number} port */
async function answers(port) {
  for (let tries = 0; tries < 300; tries++) {
    const isThere = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isThere) return;
    await sleep(100);
  }
  throw new Error(`no server answers at port ${port}`);
}
