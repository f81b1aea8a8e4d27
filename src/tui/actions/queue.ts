/** Actions on waiting and finished pictures. */
import { basename, dirname } from 'node:path';
import { heldNote, inboxOf, namesOf } from '../inboxes.js';
import type { Viewer } from '../input.js';
import { pathsIn } from '../paste.js';
import { neighbour, type Row, rowsOf, selectedRow } from '../queue.js';
import { type Call, onRow } from './call.js';

export const queueActions = {
  queue: ({ state, act }: Call) => act({ type: 'pane', pane: state.pane === 'queue' ? 'painting' : 'queue' }),
  details: onRow(({ job }, call) => view(job, { facts: true, mode: 'result' }, call)),
  large: onRow(({ job }, call) => view(job, { facts: false, mode: 'result' }, call)),
  open: onPainted((path, { actions, say }) => {
    actions.open(path).then(
      () => say(`Opening ${basename(path)}`),
      ({ message }: Error) => say(message),
    );
  }),
  folder: onPainted((path, { actions, say }) => {
    actions.open(dirname(path)).then(
      () => say(`Opening ${dirname(path)}`),
      ({ message }: Error) => say(message),
    );
  }),
  copy: onPainted((path, { actions, say }) => {
    actions.copy(path).then(
      () => say(`Copied ${path}`),
      ({ message }: Error) => say(message),
    );
  }),
  later: moving(1),
  earlier: moving(-1),
  front: moving(null),
  drop: onRow((row, { act, actions, grace, now, say, state }) => {
    const { job, name } = row;
    if (row.status !== 'waiting') return say(whyFixed(row));
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
  inbox: ({ state, argument, actions, act, say, refuse }: Call) => {
    const { inboxes, held } = state;
    if (inboxes.length < 2)
      return refuse('Only one of several inboxes can be paused; space pauses a picture.');
    const { hold } = actions.queue;
    if (!hold) return refuse('With --queue, no inbox pauses alone; stylize-tui queue pause pauses them all.');
    const row = selectedRow(state);
    const inbox = argument
      ? inboxes.find(({ name }) => name === argument)
      : row && inboxOf(inboxes, row.source);
    if (!inbox) {
      const found = argument ? `There is no inbox ${argument}` : 'The chosen picture is in no inbox';
      return refuse(`${found}: type :inbox and ${namesOf(inboxes).replaceAll(', ', ' or ')}.`);
    }
    const isPaused = held.includes(inbox);
    const rest = held.filter((other) => other !== inbox);
    const now = isPaused ? rest : [...rest, inbox];
    hold(now);
    act({ type: 'hold', held: now });
    if (isPaused) return say(`${inbox.name} goes on.`);
    const isPainting = state.paintings.some(({ source }) => inboxOf([inbox], source));
    say(isPainting ? `${heldNote([inbox])} Its picture is painted to the end.` : heldNote([inbox]));
  },
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

/** Why a picture has no place in the queue that could change. */
const whyFixed = ({ name, status }: Row) =>
  status === 'painting' ? `${name} is being painted.` : `${name} is not waiting, it is ${status}.`;

/** Shows a picture of the queue large. */
export function view(job: number, how: Omit<Viewer, 'record'>, { act, actions }: Call): void {
  const record = actions.queue.record(job);
  if (record) act({ type: 'modal', modal: { kind: 'viewer', record, ...how } });
}

/** An action on a finished painting: the one in view, the chosen one of the queue, or else the latest. */
function onPainted(action: (path: string, call: Call) => void) {
  return (call: Call) => {
    const { modal, pane, finished } = call.state;
    const viewed = modal?.kind === 'viewer' ? modal.record : undefined;
    const row = pane === 'queue' ? selectedRow(call.state) : undefined;
    const latest = finished.find(({ status }) => status === 'done');
    const job = viewed?.id ?? row?.job ?? latest?.job;
    const done = finished.find((one) => one.job === job && one.status === 'done');
    if (done) return action(done.detail, call);
    const name = viewed ? basename(viewed.source) : row?.name;
    call.say(name ? `${name} is not painted yet.` : 'No painting is finished yet.');
  };
}

function moving(by: 1 | -1 | null) {
  return onRow((row, { act, actions, say }) => {
    const { job } = row;
    if (row.status !== 'waiting') return say(whyFixed(row));
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
