/** Checks the tools that `engine install` needs. */
import { execa } from 'execa';
import { findPython } from '../../engine/install/python.js';
import { findCompiler } from '../../engine/install/tensorflow.js';
import { tfjsPackage } from '../../engine/tensorflow/backend.js';
import { describeError, type Finding, good, missing } from './finding.js';
import { reinstall } from './fixes.js';

export async function checkTools(): Promise<Finding[]> {
  const tfjs = tfjsPackage();
  return [
    await checkTool('Python', findPython),
    await checkTool('C++ compiler', findCompiler),
    tfjs ? good('TensorFlow.js', tfjs) : missing('TensorFlow.js', 'not installed by npm', reinstall),
  ];
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
