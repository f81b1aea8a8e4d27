/** stylize-tui doctor, on the real program. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { reportSchema } from '../../src/cli/commands/doctor.js';
import { bundled } from '../../src/network/weights.js';
import { program } from '../../src/util/program.js';
import { cat, newFolder, start, startWith } from './program.js';

const homeIn = (home: string) => ({
  HOME: home,
  XDG_CONFIG_HOME: join(home, 'config'),
  XDG_CACHE_HOME: join(home, 'cache'),
  XDG_DATA_HOME: join(home, 'data'),
});

it('reports in JSON that all is well', async () => {
  const home = await newFolder();
  const { stdout, stderr, exitCode } = await startWith({ env: homeIn(home), cwd: home }, 'doctor', '--json');
  const { areas, ...who } = reportSchema.parse(JSON.parse(stdout));
  expect(who).toEqual({ program: 'stylize-tui', version: program.version });
  const all = Object.values(areas).flat();
  expect(all.filter(({ status }) => status === 'bad')).toEqual([]);
  expect(exitCode).toBe(0);
  expect(stderr).toBe('');
  const found = (name: string) => all.find((finding) => finding.name === name)?.found;
  expect(found('Node')).toBe(process.versions.node);
  expect(found('box')).toContain(bundled.hash.slice(0, 16));
  expect(found('auto')).toMatch(/^\w+ [\w:]+: [\d.]+ s an evaluation at 256×256/);
  expect(found('cache')).toBe('~/cache/stylize-tui, writable');
  expect(found('current')).toBe('~, writable');
  expect(stdout).not.toContain(home);
});

it('reports in lines what is bad and how to fix it, home folder and colors apart', async () => {
  const real = await newFolder();
  const home = join(await newFolder(), 'home');
  await symlink(real, home);
  await writeFile(join(home, 'file'), '');
  const env = { ...homeIn(home), XDG_CONFIG_HOME: join(home, 'file'), XDG_CACHE_HOME: join(real, 'cache') };
  const { stdout, exitCode } = await startWith({ env, cwd: home }, 'doctor');
  expect(stdout).toMatch(
    /^ {2}bad {6}config +~\/file is a file, not a folder\n {11}\S+ unset XDG_CONFIG_HOME$/m,
  );
  expect(stdout).toMatch(/^ {2}good {5}cache +~\/cache\/stylize-tui/m);
  expect(stdout).toMatch(/\n\d+ good, \d+ missing but optional, 1 bad$/);
  expect(exitCode).toBe(1);
  expect(stdout).not.toContain(real);
  expect(stdout).not.toContain(home);
  expect(stdout).not.toContain('\x1b');
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

it('comes where the libraries of the other commands cannot be loaded', async () => {
  const home = await newFolder();
  const resolver =
    "export const resolve = (name, context, next) => { if (name === 'sharp') throw new Error('libvips.so is not there'); return next(name, context) }";
  const url = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
  const hook = url(`import { register } from 'node:module'; register(${JSON.stringify(url(resolver))})`);
  const config = join(home, 'config', 'stylize-tui');
  await mkdir(config, { recursive: true });
  await writeFile(join(config, 'config.json'), JSON.stringify({ network: cat }));
  const options = { env: { ...homeIn(home), NODE_OPTIONS: `--import=${hook}` } };

  const other = await startWith(options, 'presets');
  expect(other.stderr).toMatch(/cannot be loaded: libvips.so is not there\nRun stylize-tui doctor/);
  expect(other.exitCode).toBe(2);
  const { stdout, exitCode } = await startWith(options, 'doctor', '--json');
  const { libraries, network } = reportSchema.parse(JSON.parse(stdout)).areas;
  const version = /^\d+\.\d+\.\d+ does not load: libvips.so is not there$/;
  expect(libraries.filter(({ status }) => status === 'bad')).toEqual([
    {
      name: 'sharp',
      status: 'bad',
      found: expect.stringMatching(version),
      fix: expect.stringMatching(/^npm /),
    },
  ]);
  expect(network).toContainEqual({
    name: 'chosen',
    status: 'bad',
    found: expect.stringMatching(/cat.jpg: expected VGG-19's weights/),
    fix: 'stylize-tui models use box',
  });
  expect(exitCode).toBe(1);
});

it('is among the commands', async () => {
  expect((await start('--help')).stdout).toMatch(/stylize-tui doctor +Check that everything works/);
  expect((await start()).stderr).toMatch(/--help lists all commands/);
});
