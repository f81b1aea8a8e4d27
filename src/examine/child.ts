/** The child that examines files: one request after the other, until its parent ends it. */
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { UserError } from '../util/errors.js';
import { examinations } from './examinations.js';
import type { Answer, Request } from './examiner.js';

// Memory that is kept for the next picture would count against it.
sharp.cache(false);
sharp.concurrency(1);

process.on('message', ({ kind, request }: Request) => {
  const examine = examinations[kind] as (
    request: unknown,
    hashed: (hash: string) => void,
  ) => Promise<unknown>;
  examine(request, (hash) => answer({ type: 'hashed', hash })).then(
    (result) => answer({ type: 'done', result }),
    (error: NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException }) =>
      answer({
        type: 'failed',
        message: error.message,
        code: error.code ?? error.cause?.code,
        isUsers: error instanceof UserError,
      }),
  );
});
process.on('disconnect', () => process.exit());
// Should the machine run out of memory, this process is the one to go.
writeFile('/proc/self/oom_score_adj', '1000').catch(() => {});
// Ctrl-C reaches every process of the terminal; the parent decides what it means.
process.on('SIGINT', () => {});

function answer(message: Answer): void {
  process.send?.(message);
}
