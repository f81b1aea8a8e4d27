/** The thread of sixel.ts. */
import { parentPort } from 'node:worker_threads';
import sixel from 'sixel';

/** Pixels that are not drawn keep what is there. */
const keepGround = 1;

parentPort?.on('message', ({ pixels, width, height, colors }) =>
  parentPort?.postMessage(sixel.image2sixel(pixels, width, height, colors, keepGround)),
);
