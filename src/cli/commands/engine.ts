/** stylize-tui engine: what can compute here, how fast, and how to get more. */
import type { Argv, CommandModule } from 'yargs';
import { candidates, problemText } from '../../engine/candidates.js';
import { installCuda } from '../../engine/install/cuda.js';
import { installTensorflow } from '../../engine/install/tensorflow.js';
import { engineFolder, type Installable, installable, removeEngine } from '../../engine/installed.js';
import { placementName } from '../../engine/placement.js';
import { speed, tryPlacement } from '../../engine/trial.js';
import { forgetTrials, isSame, type Place, type Trial, trialsOf } from '../../engine/trials.js';
import { UserError } from '../../util/errors.js';
import { say } from '../../util/say.js';
import { flag } from '../flags/options.js';

export const engineCommand: CommandModule = {
  command: 'engine',
  describe: 'What computes, and on what: list, try, install, remove',
  builder: (yargs) =>
    yargs
      .command('list', 'Engines and devices, and what they lack', {}, list)
      .command('try', 'Find out again what works here, and how fast', {}, tryAll)
      .command(
        'install <name>',
        'tensorflow: TensorFlow.js on a current TensorFlow; cuda: ONNX Runtime for NVIDIA',
        (yargs) =>
          named(yargs)
            .option('gpu', flag("tensorflow: for NVIDIA's cards too"))
            .option('tensorrt', flag('cuda: with TensorRT')),
        async ({ name, gpu, tensorrt }) => install(name, { gpu, tensorrt }),
      )
      .command('remove <name>', 'Undo install', named, async ({ name }) => remove(name))
      .demandCommand(1, 'Which? There are list, try, install and remove.'),
  handler: () => {},
};

const named = <T>(yargs: Argv<T>) =>
  yargs.positional('name', { choices: installable, demandOption: true, describe: 'Engine' });

async function list(): Promise<void> {
  const all = await candidates();
  const trials = await trialsOf(all.filter(({ missing }) => missing === undefined));
  for (const place of all)
    row(place, place.missing ? problemText(place.missing) : await outcome(trials, place));
}

async function tryAll(): Promise<void> {
  await forgetTrials();
  const there = (await candidates()).filter(({ missing }) => missing === undefined);
  say('Trying each for two seconds.');
  const trials = await trialsOf(there);
  for (const place of there) row(place, await outcome(trials, place));
}

async function install(name: Installable, { gpu, tensorrt }: { gpu: boolean; tensorrt: boolean }) {
  if (name === 'tensorflow') await installTensorflow(gpu, say);
  else await installCuda(tensorrt, say);
  await forgetTrials();
  const place: Place =
    name === 'tensorflow'
      ? { engine: 'tensorflow', device: gpu ? 'cuda:0' : 'cpu' }
      : { engine: 'onnx', device: 'cuda:0' };
  say(`Trying ${placementName(place)} on losses and their gradient`);
  const [{ reason, seconds }] = await trialsOf([place]);
  if (reason !== undefined)
    throw new UserError(
      `${placementName(place)}: is installed but cannot be used: ${reason}. See docs/gpu.md.`,
    );
  say(`${placementName(place)} works: ${speed(seconds!)}. stylize-tui uses it where it is the fastest.`);
}

async function remove(name: Installable): Promise<void> {
  const folder = engineFolder(name);
  await removeEngine(name);
  await forgetTrials();
  say(`${folder}: removed.`);
}

const row = (place: Place, text: string) => say(`${placementName(place).padEnd(18)} ${text}`);

async function outcome(trials: readonly Trial[], { engine, device }: Place): Promise<string> {
  let trial = trials.find((trial) => isSame(trial, { engine, device }))!;
  // The only one that works was not timed, there being nothing to compare it with.
  if (trial.seconds === undefined && trial.reason === undefined)
    trial = { ...trial, ...(await tryPlacement(trial)) };
  return trial.reason === undefined ? speed(trial.seconds!) : `cannot be used: ${trial.reason}`;
}
