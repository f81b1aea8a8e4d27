/** Actions on the screen itself. */
import { knobsOf } from '../knobs.js';
import { shown } from '../painting.js';
import { neighbour, stepped } from '../queue.js';
import { suspend } from '../suspend.js';
import type { Call } from './call.js';

/** Rows that page up and page down move by. */
export const page = 10;

export const screenActions = {
  next: choosing(1),
  previous: choosing(-1),
  page: choosing(page),
  pageback: choosing(-page),
  first: choosing(Number.NEGATIVE_INFINITY),
  last: choosing(Number.POSITIVE_INFINITY),
  styles: ({ state, act, now, say, actions }: Call) => {
    actions.styles.choices(shown(state)?.job).then(
      (choices) => {
        // Reading the folders takes a while; something else may have been opened meanwhile.
        if (now().modal) return;
        const following = shown(now()) === undefined;
        const start = { text: '', paths: [], chosen: 0, share: 1 };
        act({ type: 'modal', modal: { kind: 'styles', choices, ...start, following } });
      },
      (error: Error) => say(error.message),
    );
  },
  log: ({ act }: Call) => act({ type: 'look', at: 'log' }),
  mouse: ({ state, act, say }: Call) => {
    act({ type: 'mouse' });
    say(state.mouse ? 'The mouse is off.' : 'The mouse chooses weights, scrolls and opens the picture.');
  },
  gallery: ({ act, say, actions: { gallery } }: Call) => {
    if (gallery === undefined) say('There is no gallery: watch --gallery shows the paintings in browsers.');
    else act({ type: 'modal', modal: { kind: 'gallery', url: gallery } });
  },
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

/** Moves by so many weights, pictures of the queue, or lines of the log; ±Infinity: to its end. */
function choosing(by: number) {
  return ({ state, act }: Call) => {
    if (state.view.log) return act({ type: 'scroll', by: -by });
    if (state.pane === 'queue') {
      const job = neighbour(state, by);
      if (job !== undefined) act({ type: 'pick', job });
      return;
    }
    const painting = shown(state);
    if (painting) act({ type: 'choose', chosen: stepped(state.chosen, by, knobsOf(painting).length) });
  };
}
