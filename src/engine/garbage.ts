/**
 * Frees what large arrays hold that nobody uses any more. V8 leaves them be for long: what it sees of its own heap is
 * small. Does nothing unless Node was started with --expose-gc, as painting processes are.
 */
export const collectGarbage = (): void => globalThis.gc?.();
