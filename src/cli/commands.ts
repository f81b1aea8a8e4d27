/** The commands that need native libraries, apart from the one that tells why these cannot be loaded. */
import type { Argv } from 'yargs';
import { demoCommand } from './demo.js';
import { engineCommand } from './engine.js';
import { jobsCommand } from './jobs.js';
import { modelsCommand } from './models.js';
import { presetsCommand } from './presets.js';
import { runCommand } from './run.js';
import { sweepCommand } from './sweep.js';
import { watchCommand } from './watch.js';

export const addCommands = (yargs: Argv) =>
  yargs
    .command(watchCommand)
    .command(runCommand)
    .command(sweepCommand)
    .command(jobsCommand)
    .command(demoCommand)
    .command(presetsCommand)
    .command(modelsCommand)
    .command(engineCommand);
