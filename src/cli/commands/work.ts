/** stylize-tui work: paints pictures of a queue that several machines share. */
import { once } from 'node:events';
import type { Argv, CommandModule } from 'yargs';
import { Recipes } from '../../app/recipes.js';
import type { RunningFlags } from '../../app/running-flags.js';
import { paintSession } from '../../app/session.js';
import { lanesFor, ofSharedQueue, openShared, type SharedFlags, sharedAddress } from '../../app/shared.js';
import { addressVariable } from '../../cluster/address.js';
import { choosePlacements } from '../../engine/choose.js';
import { examine } from '../../examine/examiner.js';
import { bundled } from '../../network/weights.js';
import { JobStore } from '../../queue/store.js';
import { UserError } from '../../util/errors.js';
import { warn } from '../../util/say.js';
import { checkRunning, flag, runningOptions, sharedOptions } from '../flags/options.js';

interface WorkFlags extends RunningFlags, SharedFlags {
  once: boolean;
}

export const workCommand: CommandModule<object, WorkFlags> = {
  command: 'work',
  describe: 'Paint pictures of a queue that several machines share',
  builder: (yargs) =>
    sharedOptions(runningOptions(yargs))
      .option('once', flag('Exit when the queue is empty'))
      .example('$0 work --queue redis://host --store /mnt/studio', '') as unknown as Argv<WorkFlags>,
  handler: async (flags) => {
    checkRunning(flags);
    if (flags.within !== undefined)
      throw new UserError('--within: work has no end, and paints what others ask for. Leave it out.');
    const address = await sharedAddress(flags);
    if (!address)
      throw new UserError(
        `Which queue? Name it with --queue redis://host or --queue postgres://user@host/database, or in ${addressVariable}.`,
      );
    // Whatever this machine lacks is noticed before it takes a job.
    await examine('network', { path: bundled.path });
    const placements = await choosePlacements(flags, warn);
    let say = warn;
    const lanes = lanesFor(placements);
    const shared = await openShared(address, flags, { lanes, say: (text) => say(text) });
    const store = new JobStore(':memory:');
    const painting = paintSession({
      title: `work ${address.shown}`,
      flags,
      store,
      placements,
      recipes: new Recipes({}),
      longRunning: !flags.once,
      ...ofSharedQueue(shared),
      feed: async (_, ended, print) => {
        say = print;
        if (!flags.once && !ended.aborted) await once(ended, 'abort');
      },
    });
    await painting.finally(() => shared.close());
    store.close();
  },
};
