/** Applies a chosen style to the picture shown, or to later ones. */
import { basename } from 'node:path';
import { shown } from '../painting.js';
import type { Choice } from '../screen-actions.js';
import { type Call, changePainting } from './call.js';

/** A style that the picture already uses takes over at once; for any other, painting restarts. */
export function styleThis(choice: Choice, call: Call): void {
  const { state, say, actions } = call;
  const painting = shown(state);
  if (!painting) return say('No picture is being painted. w: for what follows.');
  const { job, styles, weights } = painting;
  const name = basename(painting.source);
  const at = choice.kind === 'painting' ? styles.indexOf(choice.picture!) : -1;
  if (at >= 0) {
    const blend = styles.map((_, i) => Number(i === at));
    changePainting(painting, { type: 'tune', job, tuning: { weights: { ...weights, blend } } }, call);
    return say(`${name}: ${choice.name} alone from here on.`);
  }
  call.grace.after(
    {
      what: `repaint ${job} ${choice.name}`,
      jobs: [job],
      text: `${name} starts over with ${choice.name}`,
      keys: 'u keep this painting',
      kept: `${name} goes on.`,
    },
    () =>
      actions.styles.repaint(job, choice.settings).then(
        () => say(`${name}: painted anew with ${choice.name}.`),
        (error: Error) => say(error.message),
      ),
  );
}

export function styleFollowing({ name, settings }: Choice, { say, actions }: Call): void {
  actions.styles.follow(settings).then(
    () => say(`What follows is painted with ${name}.`),
    (error: Error) => say(error.message),
  );
}
