/** Actions on waiting and finished pictures. */
import { basename } from 'node:path';
import { pathsIn } from '../paste.js';
import { neighbour, rowsOf } from '../queue.js';
import { type Call, onRow } from './call.js';

export const queueActions = {
  queue: ({ state, act }: Call) => act({ type: 'pane', pane: state.pane === 'queue' ? 'painting' : 'queue' }),
  details: onRow(({ job }, { act, actions }) => {
    const record = actions.queue.record(job);
    if (record) act({ type: 'modal', modal: { kind: 'details', record } });
  }),
  later: moving(1),
  earlier: moving(-1),
  front: moving(null),
  drop: onRow(({ job, name, status }, { act, actions, grace, now, say, state }) => {
    if (status !== 'waiting') return say(`${name} is no longer waiting.`);
    const next = neighbour(state, 1);
    grace.after(
      {
        what: `drop ${job}`,
        jobs: [job],
        text: `Taking ${name} out of the queue`,
        keys: 'u keep it',
        kept: `${name} stays in the queue.`,
        survivesQuit: true,
      },
      () => {
        // Its turn may have come meanwhile.
        if (now().waiting.has(job)) actions.queue.drop(job);
        else actions.control(job, { type: 'skip' });
      },
    );
    if (next !== undefined) act({ type: 'pick', job: next });
  }),
  retry: (call: Call) => {
    const failed = rowsOf({ ...call.state, filter: '' }).filter(({ status }) => status === 'failed');
    const picked = failed.filter(({ job }) => job === call.state.picked);
    const chosen = picked.length > 0 ? picked : failed;
    if (chosen.length === 0) return call.say('No picture has failed.');
    const jobs = chosen.map(({ job }) => job);
    call.grace.after(
      {
        what: `retry ${jobs.join(' ')}`,
        jobs,
        text: `Trying ${chosen.length === 1 ? chosen[0].name : `all ${chosen.length} that failed`} again`,
        keys: 'u do not  R now',
        kept: 'Nothing is tried again.',
        survivesQuit: true,
      },
      () => call.actions.queue.retry(jobs).catch((error: Error) => call.say(error.message)),
    );
  },
  filter: ({ argument, act }: Call) => {
    act({ type: 'pane', pane: 'queue' });
    act({ type: 'filter', filter: argument });
    if (!argument) act({ type: 'modal', modal: { kind: 'prompt', purpose: 'filter', text: '' } });
  },
};

function moving(by: 1 | -1 | null) {
  return onRow(({ job, name, status }, { act, actions, say }) => {
    if (status !== 'waiting') return say(`${name} is no longer waiting.`);
    actions.queue.move(job, by);
    act({ type: 'move', job, by });
    act({ type: 'pick', job });
  });
}

/** Queues photos whose paths were pasted or dropped on the window; other text does nothing. */
export function addPhotos(pasted: string, { actions, say }: Call): void {
  const paths = pathsIn(pasted);
  if (paths.length === 0) return;
  say(`Pasted: ${paths.length === 1 ? basename(paths[0]) : `${paths.length} files`}`);
  actions.queue.add(paths).catch(({ message }: Error) => say(message));
}
