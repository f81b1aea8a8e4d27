/** Applies a choice of the style picker to the picture shown, or to later ones. */
import { basename } from 'node:path';
import { termKeys } from '../../losses/table.js';
import { describeChange, exact, setShare } from '../knobs.js';
import { type Painting, shown } from '../painting.js';
import { besideStyles } from '../picker.js';
import type { ByHand, Choice } from '../screen-actions.js';
import { type Call, changePainting } from './call.js';

/**
 * Paints the picture shown with the choice. A style that it already uses takes its share at once; for any other, painting
 * restarts. Numbers that were changed by hand stay, and so does what flags say.
 */
export function styleThis(choice: Choice, share: number, call: Call): void {
  const { state, say, actions } = call;
  const painting = shown(state);
  if (!painting) return say('No picture is being painted. tab: for what follows.');
  const { job, styles, weights } = painting;
  const name = basename(painting.source);
  const at = choice.kind === 'painting' ? styles.indexOf(choice.picture!) : -1;
  if (at >= 0) {
    const blend = setShare(weights.blend, at, share);
    const tuning = { weights: { ...weights, blend } };
    if (describeChange(painting, { ...painting, ...tuning }).text === '')
      return say(`${name} is painted with ${choice.name} already.`);
    return say(`${changePainting(painting, { type: 'tune', job, tuning }, call)}  u undo`);
  }
  const byHand = changedByHand(painting);
  const chosen = besideStyles(choice, share, { styles, blend: weights.blend });
  const kept = describe(byHand);
  const whole = `${name} starts over with ${chosen.name}`;
  call.grace.after(
    {
      what: `repaint ${job} ${chosen.name}`,
      jobs: [job],
      text: kept ? `${whole}; ${kept} kept` : whole,
      keys: 'u keep it',
      kept: `${name} goes on.`,
    },
    () =>
      actions.styles.repaint(job, chosen, byHand).then(
        () => say(`${name}: painted anew with ${chosen.name}.`),
        (error: Error) => say(error.message),
      ),
  );
}

export function styleFollowing(choice: Choice, share: number, { state, say, actions, grace }: Call): void {
  const painting = shown(state);
  const chosen = painting
    ? besideStyles(choice, share, { styles: painting.styles, blend: painting.weights.blend })
    : choice;
  grace.after(
    {
      what: `follow ${chosen.name}`,
      jobs: [],
      text: `What follows is painted with ${chosen.name}`,
      keys: 'u leave it',
      kept: 'What follows stays as it was.',
      survivesQuit: true,
    },
    () =>
      actions.styles.follow(chosen).then(
        () => say(`What follows is painted with ${chosen.name}.`),
        (error: Error) => say(error.message),
      ),
  );
}

function changedByHand({ weights, iterations, recipe }: Painting): ByHand {
  const changed = termKeys.filter((key) => weights[key] !== recipe.weights[key]);
  return {
    weights: Object.fromEntries(changed.map((key) => [key, weights[key]])),
    ...(weights.styleLayers && { styleLayers: weights.styleLayers }),
    ...(iterations !== recipe.iterations && { iterations }),
  };
}

function describe({ weights, styleLayers, iterations }: ByHand): string {
  const parts = Object.entries(weights).map(([key, value]) => `${key} ${exact(value)}`);
  if (styleLayers) parts.push('layers');
  if (iterations !== undefined) parts.push(`iterations ${iterations}`);
  return parts.join(', ');
}
