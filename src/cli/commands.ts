/** All commands that need native libraries. `doctor` does not, so that it can report why these do not load. */
import type { Argv } from 'yargs';
import { demoCommand } from './commands/demo.js';
import { engineCommand } from './commands/engine.js';
import { jobsCommand } from './commands/jobs.js';
import { modelsCommand } from './commands/models.js';
import { presetsCommand } from './commands/presets.js';
import { queueCommand } from './commands/queue.js';
import { runCommand } from './commands/run.js';
import { sweepCommand } from './commands/sweep.js';
import { watchCommand } from './commands/watch.js';
import { workCommand } from './commands/work.js';

export const addCommands = (yargs: Argv) =>
  yargs
    .command(watchCommand)
    .command(workCommand)
    .command(queueCommand)
    .command(runCommand)
    .command(sweepCommand)
    .command(jobsCommand)
    .command(demoCommand)
    .command(presetsCommand)
    .command(modelsCommand)
    .command(engineCommand);
