/**
 * Holds the screen's state outside React, so that events may arrive before it is mounted, and bursts of them (thousands
 * of queued pictures) cause one redraw.
 */
import { Grace, usualGrace } from './pending.js';
import { initialState, reduce, type ScreenChange, type ScreenState } from './state.js';

/** Milliseconds. Nobody can read numbers that change faster, and a frame takes about ten. */
const drawEvery = 350;

export class Store {
  private state = initialState;
  private readonly listeners = new Set<() => void>();
  private timer: NodeJS.Timeout | undefined;
  readonly grace: Grace;

  /**
   * @param every milliseconds between redraws for the program's own events
   * @param period milliseconds for which an action can be taken back
   */
  constructor(
    private readonly every = drawEvery,
    period = usualGrace,
  ) {
    this.grace = new Grace(
      {
        pending: () => this.state.pending,
        add: (pending) => this.act({ type: 'pend', pending }),
        remove: (number) => this.act({ type: 'unpend', number }),
      },
      period,
    );
  }

  readonly get = (): ScreenState => this.state;

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Applies a user's change and redraws at once. */
  readonly act = (change: ScreenChange): void => {
    this.state = reduce(this.state, change);
    this.notify();
  };

  /** Applies a change by the program, shown with the next redraw. */
  readonly tell = (change: ScreenChange): void => {
    this.state = reduce(this.state, change);
    this.timer ??= setTimeout(() => this.notify(), this.every);
  };

  private notify(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const listener of this.listeners) listener();
  }
}
