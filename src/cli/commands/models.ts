/** stylize-tui models: lists, inspects, converts, downloads and chooses weight files of VGG-19. */
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { convert, type Precision, precisions } from '../../network/convert.js';
import {
  chooseNetwork,
  chosenNetwork,
  isKnown,
  type KnownNetwork,
  knownNetworks,
  pull,
  storedNetworks,
  storedPath,
} from '../../network/store.js';
import { bundled, loadNetwork } from '../../network/weights.js';
import { writeWhole } from '../../util/atomic-write.js';
import { UserError } from '../../util/errors.js';
import { hashFile } from '../../util/hash.js';
import { say } from '../../util/say.js';

export const modelsCommand: CommandModule = {
  command: 'models',
  describe: 'Weight files of VGG-19: list, info, convert, use, verify, pull',
  builder: (yargs) =>
    yargs
      .command('list', 'List the networks', {}, list)
      .command(
        'info <file>',
        'Show the contents of a weight file',
        (yargs) => file(yargs),
        async ({ file }) => info(file),
      )
      .command(
        'convert <file> <out>',
        'Write a weight file as safetensors',
        (yargs) =>
          file(yargs)
            .positional('out', { type: 'string', demandOption: true, describe: 'The .safetensors to write' })
            .option('to', {
              type: 'string',
              choices: precisions,
              default: '8bit' as Precision,
              describe: 'Precision',
            })
            .option('overwrite', { type: 'boolean', default: false, describe: 'Replace an existing file' }),
        async ({ file, out, to, overwrite }) => {
          if (extname(out) !== '.safetensors') throw new UserError(`${out}: name it .safetensors.`);
          const source = pathOf(file);
          const bytes = convert(await loadNetwork(source), to);
          if (existsSync(out) && (await realpath(out)) === (await realpath(source)))
            throw new UserError(`${out}: is the file to convert. Choose another name.`);
          await writeWhole(resolve(out), bytes, { overwrite });
          say(`${resolve(out)}: ${megabytes(bytes.length)}, ${to}`);
        },
      )
      .command(
        'use <file>',
        'Paint with this network from now on; box: the bundled one',
        (yargs) => file(yargs),
        async ({ file }) => use(file),
      )
      .command('verify', 'Check all networks', {}, verify)
      .command(
        'pull <name>',
        `Download a known network: ${knownNetworks.map(({ name }) => name).join(' or ')}`,
        (yargs) => yargs.positional('name', { type: 'string', demandOption: true }),
        async ({ name }) => fetchKnown(name),
      )
      .demandCommand(1, 'Which one? Choose list, info, convert, use, verify or pull.'),
  handler: () => {},
};

const file = <T>(yargs: Argv<T>) =>
  yargs.positional('file', {
    type: 'string',
    demandOption: true,
    describe: 'Weight file, name of a downloaded network, or box',
  });

/** The path of a weight file, given by path or by name. */
function pathOf(file: string): string {
  if (file === 'box' || file === 'bundled') return bundled.path;
  const known = knownNetworks.find(({ name }) => name === file);
  if (known && !existsSync(storedPath(known)))
    throw new UserError(`${file}: is not downloaded yet. Run stylize-tui models pull ${file}.`);
  return known ? storedPath(known) : resolve(file);
}

async function list(): Promise<void> {
  const chosen = (await chosenNetwork()) ?? bundled.path;
  const stored = await storedNetworks();
  const row = (path: string, name: string, about: string) =>
    say(`${path === chosen ? '*' : ' '} ${name.padEnd(11)} ${about}`);
  row(bundled.path, 'box', 'VGG-19 in 8 bit, bundled with the program');
  for (const known of knownNetworks) {
    const path = storedPath(known);
    const isStored = stored.includes(path);
    row(
      path,
      known.name,
      `${known.about}, ${megabytes(known.bytes)}${isStored ? '' : ': not downloaded, see models pull'}`,
    );
  }
  if (![bundled.path, ...knownNetworks.map(storedPath)].includes(chosen)) {
    const gone = existsSync(chosen) ? '' : ': missing; models use box switches to the bundled one';
    row(chosen, basename(chosen), `${chosen}${gone}`);
  }
  say('* is in use.');
}

async function info(file: string): Promise<void> {
  const path = pathOf(file);
  const { format, mean, convolutions, hash } = await loadNetwork(path);
  const known = await knownAs(path);
  say(path);
  say(`format      ${format}`);
  say(
    `sha256      ${hash}${known ? ` (${known.about})` : hash === bundled.hash ? ' (the bundled one)' : ''}`,
  );
  say(`mean pixel  ${mean.map((value) => value.toFixed(3)).join(', ')} (red, green, blue)`);
  for (const [name, { weight, bias }] of convolutions) {
    const rms = Math.sqrt(weight.reduce((sum, value) => sum + value * value, 0) / weight.length);
    const shape = [bias.length, weight.length / bias.length / 9, 3, 3].join('×');
    say(`${name.padEnd(11)} ${shape.padEnd(12)} rms ${rms.toPrecision(4)}`);
  }
}

async function use(file: string): Promise<void> {
  const path = pathOf(file);
  const { format } = await loadNetwork(path);
  await chooseNetwork(path === bundled.path ? undefined : path);
  say(`Painting with ${path} (${format}) from now on.`);
}

async function verify(): Promise<void> {
  const chosen = await chosenNetwork();
  for (const path of new Set([bundled.path, ...(await storedNetworks()), ...(chosen ? [chosen] : [])])) {
    try {
      const { format } = await loadNetwork(path);
      const known = knownNetworks.find(({ file }) => file === basename(path));
      if (known && !(await isKnown(path, known)))
        throw new UserError(`${path}: readable, but its hash differs from the file of that name.`);
      say(`good  ${path} (${format}, sha256 ${await hashFile(path)})`);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      say(`bad   ${error.message}`);
      process.exitCode = 1;
    }
  }
}

async function fetchKnown(name: string): Promise<void> {
  const known = knownNetworks.find((network) => network.name === name);
  if (!known)
    throw new UserError(
      `There is no network "${name}". There are ${knownNetworks.map((n) => n.name).join(', ')}.`,
    );
  const path = storedPath(known);
  if ((await storedNetworks()).includes(path) && (await isKnown(path, known)))
    return say(`${path}: already downloaded.`);
  let shown = -1;
  await pull(known, (done, total) => {
    const percent = Math.floor((100 * done) / total);
    if (percent === shown) return;
    shown = percent;
    process.stderr.write(`\r${known.file}  ${percent} %  ${megabytes(done)} of ${megabytes(total)} `);
  });
  process.stderr.write('\n');
  say(
    `${path}: complete, ${known.hash.algorithm} matches. To paint with it: stylize-tui models use ${name}.`,
  );
}

async function knownAs(path: string): Promise<KnownNetwork | undefined> {
  for (const known of knownNetworks) if (await isKnown(path, known)) return known;
  return undefined;
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
