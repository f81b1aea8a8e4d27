/** stylize-tui models, on the real program. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readProvenance } from '../../src/image/xmp.js';
import { cat, newFolder, startWith, tiny, wave } from './program.js';

it('converts, looks at, chooses and verifies networks', async () => {
  const home = await newFolder();
  const env = { XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home };
  const models = (...args: string[]) => startWith({ env }, 'models', ...args);
  const half = join(home, 'half.safetensors');
  const converted = await models('convert', 'box', half, '--to', 'f16');
  expect(converted.stdout).toMatch(/half.safetensors: 40\.\d MB, f16/);
  expect((await models('convert', 'box', half)).stderr).toMatch(/already exists/);

  const { stdout } = await models('info', half);
  expect(stdout).toMatch(/format +safetensors, F16/);
  expect(stdout).toMatch(/mean pixel +123\.680, 116\.779, 103\.939/);
  expect(stdout.match(/^conv\d_\d/gm)).toHaveLength(16);
  const [, hash] = /sha256 +([0-9a-f]{64})/.exec(stdout)!;

  const run = async (name: string, ...extra: string[]) => {
    const output = join(home, name);
    const files = ['--content', cat, '--styles', wave, '--output', output];
    const quick = [...tiny, '--iterations', '1', '--engine', 'onnx', '--device', 'cpu'];
    expect((await startWith({ env }, 'run', ...files, ...quick, ...extra)).exitCode).toBe(0);
    return (await readProvenance(output)).network;
  };
  await models('use', half);
  expect((await models('list')).stdout).toMatch(/^\* half\.safetensors/m);
  expect(await run('chosen.jpg')).toBe(hash);
  expect(await run('boxed.jpg', '--network', 'box')).not.toBe(hash);
  expect((await models('verify')).stdout.match(/^good /gm)).toHaveLength(2);
  await models('use', 'box');
  expect((await models('list')).stdout).toMatch(/^\* box/m);

  const bad = await models('use', cat);
  expect(bad.stderr).toMatch(/cat.jpg: expected VGG-19's weights/);
  expect(bad.exitCode).toBe(2);
  expect((await models('pull', 'resnet')).stderr).toMatch(/no network "resnet". There are matconvnet, keras/);
});
