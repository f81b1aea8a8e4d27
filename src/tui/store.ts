/**
 * Holds the screen's state outside React, so that events may come before it is mounted and in bursts: thousands of
 * queued pictures make one redraw.
 */
import { initialState, reduce, type ScreenChange, type ScreenState } from './state.js';

/** Milliseconds; a person cannot read numbers that change faster, and each frame costs ten of them. */
const drawEvery = 350;

export class Store {
  private state = initialState;
  private readonly listeners = new Set<() => void>();
  private timer: NodeJS.Timeout | undefined;

  /** @param every milliseconds between redraws for what the program does */
  constructor(private readonly every = drawEvery) {}

  readonly get = (): ScreenState => this.state;

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** What a person did shows at once. */
  readonly act = (change: ScreenChange): void => {
    this.state = reduce(this.state, change);
    this.notify();
  };

  /** What the program did shows with the next redraw. */
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
