/** Actions on the screen itself. */
import { knobsOf } from '../knobs.js';
import { shown } from '../painting.js';
import { neighbour } from '../queue.js';
import { suspend } from '../suspend.js';
import type { Call } from './call.js';

export const screenActions = {
  next: choosing(1),
  previous: choosing(-1),
  styles: ({ state, act, now, say, actions }: Call) => {
    actions.styles.choices(shown(state)?.job).then(
      (choices) => {
        // Reading the folders takes a while; something else may have been opened meanwhile.
        if (now().modal) return;
        act({ type: 'modal', modal: { kind: 'styles', choices, chosen: 0 } });
      },
      (error: Error) => say(error.message),
    );
  },
  log: ({ act }: Call) => act({ type: 'look', at: 'log' }),
  command: ({ act }: Call) => act({ type: 'modal', modal: { kind: 'prompt', purpose: 'command', text: '' } }),
  help: ({ act }: Call) => act({ type: 'modal', modal: { kind: 'help', text: '', first: 0 } }),
  suspend,
  quit: ({ state, act, actions, grace }: Call) => {
    if (state.paintings.length > 0)
      return act({ type: 'modal', modal: { kind: 'quit', resumes: actions.resumes } });
    grace.quit();
    act({ type: 'stop' });
    actions.onQuit('stop');
  },
};

/** Moves to the next weight, picture in the queue, or line of the log. */
function choosing(by: 1 | -1) {
  return ({ state, act }: Call) => {
    if (state.view.log) return act({ type: 'scroll', by: -by });
    if (state.pane === 'queue') {
      const job = neighbour(state, by);
      if (job !== undefined) act({ type: 'pick', job });
      return;
    }
    const painting = shown(state);
    if (!painting) return;
    const { length } = knobsOf(painting);
    act({ type: 'choose', chosen: (state.chosen + by + length) % length });
  };
}
