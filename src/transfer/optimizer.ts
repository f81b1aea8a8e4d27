import type { Descended, Descent } from '../engine/descent.js';

/** An optimizer's state in a form that can be saved: numbers, and arrays of the image's length. */
export interface OptimizerState {
  numbers: Record<string, number>;
  arrays: Record<string, Float32Array>;
}

/** An optimizer's step for engines that take several at once, see src/engine/descent.ts: it does the same as step(). */
export interface InEngine extends Pick<Descent, 'method' | 'transform'> {
  /** @param length of the image */
  state(length: number): Promise<Descent['state']>;
  /** Goes on from where the engine's steps led. */
  take(descended: Pick<Descended, 'state' | 'passes'>): void;
}

/** A gradient-based optimizer. */
export interface Optimizer {
  /**
   * The next image, [3·H·W], as a new array; the arguments are not modified.
   * @param image the result of the last step; any image after reset() or retreat()
   * @param gradient of the loss at `image`
   */
  step(image: Float32Array, gradient: Float32Array): Promise<Float32Array>;
  /** To be called when the loss function changes, since earlier gradients do not apply to the new one. */
  reset(): void;
  /** To be called when the last step diverged: resets, and halves the step size. */
  retreat(): void;
  readonly inEngine?: InEngine;
  /** State to resume from in another process. Its arrays may change with the next step. */
  state(): OptimizerState;
}
