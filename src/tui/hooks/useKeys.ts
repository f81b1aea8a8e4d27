/** Turns keys into changes of the screen and into messages to the picture that is shown. */
import { basename } from 'node:path';
import { type Key, useInput } from 'ink';
import type { Control } from '../../jobs/events.js';
import { type Action, bindingFor } from '../keymap.js';
import { turn } from '../knobs.js';
import { type Painting, shown } from '../painting.js';
import type { Store } from '../store.js';
import { isAnswer } from '../terminal.js';

export interface Outlets {
  control(job: number, message: Control): void;
  /** q, confirmed where need be. */
  onQuit(): void;
  /** Ctrl-C, which a terminal in raw mode hands over as a key; the second time it is meant to work at once. */
  onInterrupt(): void;
}

export function useKeys(store: Store, { control, onQuit, onInterrupt }: Outlets): void {
  const quit = () => {
    store.act({ type: 'stop' });
    onQuit();
  };
  useInput((input, key) => {
    if (isAnswer(input)) return;
    // Keys that come in one go, from a fast hand or a slow line, are one text to Ink.
    if (input.length < 2) press(input, key);
    else for (const char of input) press(char, { ...key, tab: char === '\t' });
  });

  function press(input: string, key: Key): void {
    const state = store.get();
    if (key.ctrl && input === 'c') {
      store.act({ type: 'stop' });
      return onInterrupt();
    }
    // Ink takes the escape key alone for a meta key too.
    if (key.ctrl || (key.meta && !key.escape) || state.stopping) return;
    if (state.asking) {
      if (input === 'y' || input === 'q') quit();
      else if (input === 'n' || key.escape) store.act({ type: 'ask', asking: false });
      return;
    }
    if (key.escape) return store.act({ type: 'uncover' });
    const binding = bindingFor(input, key);
    if (binding) perform(binding.action, input);
  }

  function perform(action: Action, input: string): void {
    const state = store.get();
    const { paintings, chosen, help, view } = state;
    const painting = shown(state);
    const show = ({ slot }: Painting) => store.act({ type: 'show', slot });
    if (action === 'help') return store.act({ type: 'help', help: !help });
    if (action === 'quit') return painting ? store.act({ type: 'ask', asking: true }) : quit();
    if (action === 'log') return store.act({ type: 'look', at: 'log' });
    if (view.log && (action === 'next' || action === 'previous'))
      return store.act({ type: 'scroll', by: action === 'next' ? -1 : 1 });
    if (!painting) return;
    const { job, source, weights, paused } = painting;
    switch (action) {
      case 'other':
        return show(shown({ paintings, focus: painting.slot + 1 }) ?? painting);
      case 'slot':
        return show(paintings.find(({ slot }) => slot === Number(input)) ?? painting);
      case 'table':
      case 'numbers':
      case 'picture':
      case 'full':
        return store.act({ type: 'look', at: action });
      case 'pause':
        control(job, { type: paused ? 'resume' : 'pause' });
        return store.act({ type: 'pause', job, paused: !paused });
      case 'next':
      case 'previous': {
        const count = 3 + weights.blend.length;
        return store.act({ type: 'choose', chosen: (chosen + (action === 'next' ? 1 : count - 1)) % count });
      }
      case 'more':
      case 'less': {
        const turned = turn(weights, chosen, action === 'more' ? 1 : -1);
        control(job, { type: 'weights', weights: turned });
        return store.act({ type: 'weights', job, weights: turned });
      }
      case 'snapshot':
        control(job, { type: 'snapshot' });
        return store.act({ type: 'message', text: 'Saving a snapshot' });
      case 'skip':
        control(job, { type: 'skip' });
        return store.act({ type: 'message', text: `Skipping ${basename(source)}` });
      case 'accept':
        control(job, { type: 'accept' });
        return store.act({ type: 'message', text: `Taking ${basename(source)} as it is` });
    }
  }
}
