/** Checks the engines and devices, and measures the one that `auto` would use. */
import { type Candidate, candidates } from '../../engine/candidates.js';
import { choosePlacements } from '../../engine/choose.js';
import { nvidiaCards } from '../../engine/nvidia.js';
import { parseDevice, placementName } from '../../engine/placement.js';
import { speed, tryPlacement } from '../../engine/trial.js';
import { isSame, type Place, reference, type Trial, trialsOf } from '../../engine/trials.js';
import { bad, type Finding, good, missing } from './finding.js';
import { reinstall } from './fixes.js';

export async function checkEngines(): Promise<Finding[]> {
  const cards = (await nvidiaCards()).map(({ name, driver }, i) =>
    good(`NVIDIA card ${i}`, `${name}, driver ${driver}`),
  );
  const all = await candidates();
  const trials = await trialsOf(all.filter(({ missing }) => missing === undefined));
  const notes: string[] = [];
  const [auto] = await choosePlacements({ engine: 'auto', device: ['auto'] }, (note) => notes.push(note));
  const fresh: Trial = { ...auto, ...(await tryPlacement(auto)) };
  const newest = [fresh, ...trials];
  return [
    ...cards,
    ...all.map((place) =>
      checkPlace(
        place,
        newest.find((trial) => isSame(trial, place)),
      ),
    ),
    checkAuto(fresh, notes),
  ];
}

/** @param trial its result, unless something is missing */
export function checkPlace({ missing: lack, ...place }: Candidate, trial: Trial | undefined): Finding {
  const name = placementName(place);
  if (lack) return missing(name, lack.what, lack.fix);
  if (trial?.reason === undefined) return good(name, trial?.seconds ? speed(trial.seconds) : 'works');
  if (isSame(place, reference)) return bad(name, trial.reason, reinstall);
  const again = installAgain(place);
  if (again) return bad(name, trial.reason, again);
  return missing(name, trial.reason, 'install a graphics driver, then stylize-tui engine try');
}

/** The engine and device that `auto` chooses, measured now. */
function checkAuto({ reason, seconds, ...place }: Trial, notes: readonly string[]): Finding {
  const name = placementName(place);
  if (reason !== undefined) return bad('auto', `${name} cannot be used: ${reason}`, fixForAuto(place));
  return good('auto', [`${name}: ${speed(seconds!)}`, ...notes].join('. '));
}

const fixForAuto = (place: Place) => (isSame(place, reference) ? reinstall : 'stylize-tui engine try');

/** The command that reinstalls an engine; undefined for those that come with the program. */
function installAgain({ engine, device }: Place): string | undefined {
  const { kind } = parseDevice(device);
  const onCard = kind === 'cuda' || kind === 'tensorrt';
  if (engine === 'onnx' && !onCard) return undefined;
  const name = engine === 'onnx' ? 'cuda' : 'tensorflow';
  const flag = kind === 'tensorrt' ? ' --tensorrt' : engine === 'tensorflow' && onCard ? ' --gpu' : '';
  return `stylize-tui engine remove ${name} && stylize-tui engine install ${name}${flag}`;
}
