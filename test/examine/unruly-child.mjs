/** Examines like the program's own child, but does what the file's name says. */
import { basename } from 'node:path';

const held = [];
process.on('message', ({ request }) => {
  const answer = (/** @type {object} */ message) => process.send?.(message);
  answer({ type: 'hashed', hash: 'of-the-content' });
  switch (basename(request.path)) {
    case 'good':
      return answer({ type: 'done', result: { hash: 'of-the-content', process: process.pid } });
    case 'hangs':
      for (;;);
    case 'grows':
      return setInterval(() => held.push(Buffer.alloc(20_000_000, 1)), 20);
    case 'crashes':
      return process.abort();
    case 'is-killed':
      return process.kill(process.pid, 'SIGKILL');
    case 'is-away':
      return answer({ type: 'failed', message: 'EIO: i/o error', code: 'EIO', isUsers: false });
    case 'slow':
      return setTimeout(() => answer({ type: 'done', result: { hash: 'slow' } }), 9000);
  }
});
process.on('disconnect', () => process.exit());
