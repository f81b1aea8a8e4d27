/** All commands that need native libraries. `doctor` does not, so that it can report why these do not load. */
import type { CommandModule } from 'yargs';
import { compareCommand } from './commands/compare.js';
import { completionCommand } from './commands/completion.js';
import { configCommand } from './commands/config.js';
import { demoCommand } from './commands/demo.js';
import { doctorCommand } from './commands/doctor.js';
import { engineCommand } from './commands/engine.js';
import { galleryCommand } from './commands/gallery.js';
import { jobsCommand } from './commands/jobs.js';
import { modelsCommand } from './commands/models.js';
import { presetsCommand } from './commands/presets.js';
import { queueCommand } from './commands/queue.js';
import { runCommand } from './commands/run.js';
import { sweepCommand } from './commands/sweep.js';
import { videoCommand } from './commands/video.js';
import { watchCommand } from './commands/watch.js';
import { workCommand } from './commands/work.js';

/** In the order of the help. */
export const commands: readonly CommandModule[] = [
  runCommand,
  watchCommand,
  videoCommand,
  workCommand,
  queueCommand,
  sweepCommand,
  compareCommand,
  galleryCommand,
  jobsCommand,
  demoCommand,
  presetsCommand,
  configCommand,
  modelsCommand,
  engineCommand,
  completionCommand(() => [...commands, doctorCommand as unknown as CommandModule]),
] as unknown as readonly CommandModule[];
