/** Actions on the painting that is shown. */
import { basename } from 'node:path';
import { keyFor } from '../keymap.js';
import { describeChange, exact, knobsOf, type Step, setKnob, turnKnob } from '../knobs.js';
import { type Painting, shown } from '../painting.js';
import { redo, type Tuning, undo } from '../tuning.js';
import { type Call, changePainting, numberFrom, onPainting } from './call.js';

/** Iterations added or removed per key press. */
const someIterations = 10;

export const paintingActions = {
  pause: onPainting(({ job, paused }, { act, actions }) => {
    actions.control(job, { type: paused ? 'resume' : 'pause' });
    act({ type: 'pause', job, paused: !paused });
  }),
  more: turning(1, 'fine'),
  less: turning(-1, 'fine'),
  double: turning(1, 'coarse'),
  halve: turning(-1, 'coarse'),
  set: onPainting((painting, call) => {
    const { chosen } = call.state;
    if (call.argument) setTo(painting, chosen, call);
    else call.act({ type: 'modal', modal: { kind: 'prompt', purpose: 'number', text: '' } });
  }),
  reset: onPainting((painting, call) => {
    const { chosen } = call.state;
    const { value } = knobsOf({ ...painting, weights: painting.recipe.weights })[chosen];
    tune(painting, { weights: setKnob(painting, chosen, value) }, call);
  }),
  undo: (call: Call) => {
    const pending = call.grace.takeBack();
    if (pending) return call.say(pending.kept);
    onPainting((painting) => {
      if (!undo(painting)) return call.say('There is no change to take back.');
      const text = changePainting(painting, { type: 'undo', job: painting.job }, call);
      call.say(`${text}  ctrl-r redo`);
    })(call);
  },
  redo: onPainting((painting, call) => {
    if (!redo(painting)) return call.say('No change was taken back.');
    const text = changePainting(painting, { type: 'redo', job: painting.job }, call);
    call.say(`${text}  u undo`);
  }),
  shorter: onPainting((painting, call) =>
    setIterations(painting, painting.iterations - someIterations, call),
  ),
  longer: onPainting((painting, call) => setIterations(painting, painting.iterations + someIterations, call)),
  iterations: onPainting((painting, call) => {
    const iterations = numberFrom(call.argument, call);
    if (iterations !== undefined) setIterations(painting, iterations, call);
  }),
  blend: onPainting((painting, call) => {
    const shares = call.argument.split(/[\s,]+/).map((text) => numberFrom(text, call));
    const { length } = painting.styles;
    const sum = shares.reduce<number>((sum, share) => sum + (share ?? Number.NaN), 0);
    if (Number.isNaN(sum)) return;
    if (shares.length !== length)
      return call.refuse(`blend: expected ${length} numbers, one for each style.`);
    if (sum === 0) return call.refuse('blend: at least one number must be above 0.');
    const blend = shares.map((share) => share! / sum);
    tune(painting, { weights: { ...painting.weights, blend } }, call);
  }),
  again: onPainting(({ job, source }, { act, say, actions }) => {
    actions.control(job, { type: 'change', again: true });
    act({ type: 'again', job });
    say(`${basename(source)}: painted again from here, with these weights.`);
  }),
  follow: onPainting((painting, { actions, say }) => {
    const { job, source, weights, iterations } = painting;
    actions.queue.follow(job, { weights, iterations }).then(
      () => say(`What follows is painted as ${basename(source)} is now.`),
      (error: Error) => say(error.message),
    );
  }),
  table: onPainting((_, { act }) => act({ type: 'look', at: 'table' })),
  numbers: onPainting((_, { act }) => act({ type: 'look', at: 'numbers' })),
  picture: onPainting((_, { act }) => act({ type: 'look', at: 'picture' })),
  full: onPainting((_, { act }) => act({ type: 'look', at: 'full' })),
  snapshot: onPainting(({ job }, { actions, say }) => {
    actions.control(job, { type: 'snapshot' });
    say('Saving a snapshot');
  }),
  skip: onPainting(({ job, source }, { actions, grace }) =>
    grace.after(
      {
        what: `skip ${job}`,
        jobs: [job],
        text: `Dropping ${basename(source)}`,
        keys: 'u keep it  n now',
        kept: `${basename(source)} goes on.`,
      },
      () => actions.control(job, { type: 'skip' }),
    ),
  ),
  accept: onPainting(({ job, source, iteration }, { actions, grace, say }) => {
    if (iteration === 0) return say('Nothing is painted yet. n drops it.');
    grace.after(
      {
        what: `accept ${job}`,
        jobs: [job],
        text: `Taking ${basename(source)} as it is`,
        keys: 'u go on  a now',
        kept: `${basename(source)} goes on.`,
      },
      () => actions.control(job, { type: 'accept' }),
    );
  }),
  other: onPainting((painting, { state, act, say }) => {
    const { slot } = shown({ ...state, focus: painting.slot + 1 }) ?? painting;
    if (slot === painting.slot) return say('Only this picture is being painted.');
    act({ type: 'show', slot });
  }),
  slot: onPainting((_, { state, argument, act, refuse }) => {
    const found = state.paintings.find(({ slot }) => slot === Number(argument));
    if (!found) return refuse(`There is no picture in slot ${argument}.`);
    act({ type: 'show', slot: found.slot });
  }),
};

/** Sets a weight to the typed number. */
export function setTo(painting: Painting, knob: number, call: Call): void {
  const value = numberFrom(call.argument, call);
  if (value === undefined) return;
  const { kind } = knobsOf(painting)[knob];
  if (kind === 'blend' && value > 1) return call.refuse(`${call.argument}: a blend is a share, from 0 to 1.`);
  tune(painting, { weights: setKnob(painting, knob, value) }, call);
}

function turning(direction: 1 | -1, step: Step) {
  return onPainting((painting, call) =>
    tune(painting, { weights: turnKnob(painting, call.state.chosen, direction, step) }, call),
  );
}

function setIterations(painting: Painting, wanted: number, call: Call): void {
  const least = Math.max(1, painting.iteration);
  tune(painting, { iterations: Math.min(100_000, Math.max(least, Math.round(wanted))) }, call);
}

/** Says what changes, how to take it back, and how to change later pictures too. */
function tune(painting: Painting, tuning: Partial<Tuning>, call: Call): void {
  const { text } = describeChange(painting, { ...painting, ...tuning });
  if (text === '') return call.say(whyUnchanged(painting, tuning, call.state.chosen));
  changePainting(painting, { type: 'tune', job: painting.job, tuning }, call);
  call.say(`${text}  ${keyFor('undo')} undo  ${keyFor('follow')} for the rest`);
}

/** Why a number stays as it is. */
function whyUnchanged(painting: Painting, { iterations }: Partial<Tuning>, chosen: number): string {
  if (iterations !== undefined)
    return iterations === painting.iteration
      ? `${iterations} iterations are done; there can be no fewer.`
      : `iterations stays ${iterations}.`;
  const { name, kind, value } = knobsOf(painting)[chosen];
  if (kind === 'blend' && painting.styles.length < 2)
    return `${name} is the only style. ${keyFor('styles')} adds another.`;
  return `${name} stays ${exact(value)}.`;
}
