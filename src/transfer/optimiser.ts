/** What turns a gradient into the next image. */
export interface Optimiser {
  /** The next image, a new array; `image` and `gradient` stay as they are. */
  step(image: Float32Array, gradient: Float32Array): Float32Array;
  /** Forgets what earlier gradients taught: they belong to another loss after a change of weights. */
  reset(): void;
  /** The last step led astray: as reset(), and more careful from here. */
  retreat(): void;
}
