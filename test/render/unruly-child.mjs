/** A painting process that does what the photo's name says, and tells its process id in the output of a painting. */
process.on('message', ({ type, job }) => {
  if (type !== 'render') return;
  const said = (/** @type {object} */ message) => process.send?.(message);
  switch (job.source) {
    case 'paints':
      return said({ type: 'done', output: String(process.pid), seconds: 0, iterations: 1, losses: {} });
    case 'hangs':
      said({ event: 'iteration' });
      return said({ event: 'iteration' });
    case 'rests':
      said({ event: 'paused' });
      return setTimeout(() => {
        said({ event: 'resumed' });
        said({ type: 'skipped' });
      }, 6000);
    case 'blocks':
      for (;;);
    case 'dies':
      process.stderr.write('out of paint\n', () => process.exit(3));
  }
});
process.on('disconnect', () => process.exit());
