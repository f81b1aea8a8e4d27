/** Checks the tools that `engine install` needs, and how npm installs. */
import { homedir } from 'node:os';
import { execa } from 'execa';
import { findPython } from '../../engine/install/python.js';
import { findCompiler } from '../../engine/install/tensorflow.js';
import { tfjsPackage } from '../../engine/tensorflow/backend.js';
import { program } from '../../util/program.js';
import { describeError, type Finding, good, missing } from './finding.js';
import { reinstall } from './fixes.js';

export async function checkTools(): Promise<Finding[]> {
  const tfjs = tfjsPackage();
  return [
    await checkTool('Python', findPython),
    await checkTool('C++ compiler', findCompiler),
    tfjs ? good('TensorFlow.js', tfjs) : missing('TensorFlow.js', 'not installed by npm', reinstall),
    await checkInstallScripts(),
  ];
}

/**
 * Some dependencies have install scripts, but none is needed: native parts come in the packages. ONNX Runtime's downloads CUDA
 * libraries.
 * @param env additional variables for npm
 */
export async function checkInstallScripts(env: NodeJS.ProcessEnv = {}): Promise<Finding> {
  const name = 'install scripts';
  // Not in the current folder, which may be a project with its own npm settings.
  const asked = execa('npm', ['config', 'get', 'ignore-scripts'], { cwd: homedir(), env, reject: false });
  const { stdout, failed } = await asked;
  if (failed) return missing(name, 'npm does not say whether it runs them');
  if (stdout.trim() === 'true') return good(name, 'not run by npm (ignore-scripts)');
  return missing(
    name,
    'npm runs those of packages by default; stylize-tui needs none',
    `npm install -g --ignore-scripts ${program.name}`,
  );
}

/** @param find returns its command, or throws an error with advice */
export async function checkTool(name: string, find: () => Promise<string>): Promise<Finding> {
  try {
    const command = await find();
    const { stdout } = await execa(command, ['--version'], { reject: false });
    return good(name, [command, stdout?.split('\n')[0]].filter(Boolean).join(': '));
  } catch (error) {
    const { found, advice } = describeError(error);
    return missing(name, found, advice);
  }
}
