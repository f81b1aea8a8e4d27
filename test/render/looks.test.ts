/** The default recipe on a real photo and painting, looked at without anything to compare with. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeRecipe } from '../../src/app/recipe.js';
import { createOnnxEngine } from '../../src/engine/onnx/onnx.js';
import { decode } from '../../src/image/decode.js';
import { type Flaws, findFlaws } from '../../src/image/flaws.js';
import { loadNetwork } from '../../src/network/weights.js';
import { Controls } from '../../src/render/controls.js';
import { EvaluationTime } from '../../src/render/evaluation-time.js';
import { paint } from '../../src/render/paint.js';
import { Prefetch } from '../../src/render/prefetch.js';
import { parseSettings, type Settings } from '../../src/settings/settings.js';
import { styleMeasures } from '../../src/transfer/losses.js';
import { StatisticsCache } from '../../src/transfer/statistics.js';
import { hashFile } from '../../src/util/hash.js';
import { coffee, newFolder, wave } from '../e2e/program.js';

let folder: string;
let flawsOf: (changes: Partial<Settings>) => Promise<Flaws>;
const ends: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of ends) await end();
});

beforeAll(async () => {
  folder = await newFolder();
  const network = await loadNetwork(undefined);
  flawsOf = async (changes) => {
    const output = join(folder, `${Object.values(changes).join('-') || 'default'}.png`);
    const settings = parseSettings({ styles: [wave], size: 160, iterations: 20, ...changes }, 'test');
    const made = await makeRecipe(settings);
    const [contentLayers, styleLayers] = [made.layers.content, made.layers.style].map(Object.keys);
    const { pooling } = settings;
    const styleLoss = styleMeasures[settings.styleLoss];
    const options = { network, contentLayers, styleLayers, styleLoss, pooling };
    const engine = await createOnnxEngine({ ...options, threads: 1 });
    ends.push(() => engine.dispose());
    const job = { ...made, source: coffee, sourceHash: await hashFile(coffee), output };
    const rest = { overwrite: true, previews: false, memory: { strict: false } };
    const shared = {
      statistics: new StatisticsCache(),
      prefetch: new Prefetch(),
      times: new EvaluationTime(1),
    };
    await paint({ ...job, ...rest }, new Controls(), engine, network.mean, () => {}, shared);
    return flawsIn(output);
  };
});

/** Of the cup under The Great Wave. */
async function flawsIn(file: string): Promise<Flaws> {
  const painting = await decode(file);
  const { width, height } = painting;
  const [photo, style] = [await decode(coffee, { width, height }), await decode(wave, { width })];
  return findFlaws(painting, { photo, style });
}

it('has hardly a speck or a lost shade, and no more rim than its bleed leaves', async () => {
  const { specks, rim, clipped } = await flawsOf({});
  // The painting itself has as many: dots of foam.
  expect(specks).toBeLessThan(3500);
  expect(clipped).toBeLessThan(0.1);
  // Most of it is in the photo, which has as much: a cup's shadow at the edge.
  expect(rim).toBeLessThan(1.15 * findFlaws(await decode(coffee, { width: 160, height: 107 })).rim);
  expect((await flawsOf({ bleed: 0 })).rim).toBeGreaterThan(1.15 * rim);
});

it('has less weave, worms and color fringes than the same picture by version 0.1', async () => {
  const limits = { weave: 2, worms: 0.02, fringes: 1.2 };
  const now = await flawsOf({});
  const before = await flawsIn(
    fileURLToPath(new URL('../fixtures/looks/cup-great-wave-0.1.png', import.meta.url)),
  );
  for (const flaw of ['weave', 'worms', 'fringes'] as const) {
    expect(now[flaw], flaw).toBeLessThan(limits[flaw]);
    expect(before[flaw], flaw).toBeGreaterThan(limits[flaw]);
  }
});
