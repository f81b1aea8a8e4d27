/** What an optimizer has learnt, to be written down: numbers, and arrays of the image's length. */
export interface OptimizerState {
  numbers: Record<string, number>;
  arrays: Record<string, Float32Array>;
}

/** What turns a gradient into the next image. */
export interface Optimizer {
  /**
   * The next image, a new array; `image` and `gradient` stay as they are.
   * @param image what the last step led to; after reset() or retreat() any
   */
  step(image: Float32Array, gradient: Float32Array): Promise<Float32Array>;
  /** Forgets what earlier gradients taught: they belong to another loss after a change of weights. */
  reset(): void;
  /** The last step led astray: as reset(), and more careful from here. */
  retreat(): void;
  /** Enough to go on from here in another process. Its arrays may change with the next step. */
  state(): OptimizerState;
}
