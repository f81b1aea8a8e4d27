/** Loaded before the painting process: it dies of rocket.jpg, as of a fault in a native library. */
const { emit } = process;
process.emit = /** @type {typeof emit} */ (
  (/** @type {any[]} */ ...args) => {
    const [name, message] = args;
    if (process.send && name === 'message' && message.job?.source.endsWith('rocket.jpg')) {
      process.stderr.write('munmap_chunk(): invalid pointer\n');
      process.abort();
    }
    return Reflect.apply(emit, process, args);
  }
);
