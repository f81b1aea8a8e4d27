/** stylize-tui engine: lists, tries, installs and removes engines. */
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
  describe: 'Engines and devices: list, try, install, remove',
  builder: (yargs) =>
    yargs
      .command('list', 'List engines and devices, and what they need', {}, list)
      .command('try', 'Test all of them again, and measure their speed', {}, tryAll)
      .command(
        'install <name>',
        'tensorflow: TensorFlow.js on a current TensorFlow; cuda: ONNX Runtime for NVIDIA',
        (yargs) =>
          named(yargs)
            .option('gpu', flag('tensorflow: with support for NVIDIA cards'))
            .option('tensorrt', flag('cuda: with TensorRT')),
        async ({ name, gpu, tensorrt }) => install(name, { gpu, tensorrt }),
      )
      .command('remove <name>', 'Undo install', named, async ({ name }) => remove(name))
      .demandCommand(1, 'Which one? Choose list, try, install or remove.'),
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
  const available = (await candidates()).filter(({ missing }) => missing === undefined);
  say('Testing each for two seconds.');
  const trials = await trialsOf(available);
  for (const place of available) row(place, await outcome(trials, place));
}

async function install(name: Installable, { gpu, tensorrt }: { gpu: boolean; tensorrt: boolean }) {
  if (name === 'tensorflow') await installTensorflow(gpu, say);
  else await installCuda(tensorrt, say);
  await forgetTrials();
  const place: Place =
    name === 'tensorflow'
      ? { engine: 'tensorflow', device: gpu ? 'cuda:0' : 'cpu' }
      : { engine: 'onnx', device: 'cuda:0' };
  say(`Testing the losses and gradients of ${placementName(place)}`);
  const [{ reason, seconds }] = await trialsOf([place]);
  if (reason !== undefined)
    throw new UserError(
      `${placementName(place)}: is installed but cannot be used: ${reason}. See docs/gpu.md.`,
    );
  say(`${placementName(place)} works: ${speed(seconds!)}. stylize-tui uses it if it is the fastest.`);
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
  // If only one works, it was not timed, since there is nothing to compare it with.
  if (trial.seconds === undefined && trial.reason === undefined)
    trial = { ...trial, ...(await tryPlacement(trial)) };
  return trial.reason === undefined ? speed(trial.seconds!) : `cannot be used: ${trial.reason}`;
}
