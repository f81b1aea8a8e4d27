/**
 * Frees unused large arrays. V8 would keep them for long, since they are not part of its heap. Does nothing unless Node was started with --expose-gc, as painting processes are.
 */
export const collectGarbage = (): void => globalThis.gc?.();
