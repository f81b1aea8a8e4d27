/** The child process: paints what its parent asks for, and exits with it. The parent alone handles signals from the terminal. */
import { writeFile } from 'node:fs/promises';
import type { Placement } from '../engine/placement.js';
import { Controls } from './controls.js';
import type { FromChild, RenderJob, ToChild } from './messages.js';
import { Painter } from './painter.js';

let controls = new Controls();
const painter = new Painter(send);

process.on('message', (message: ToChild) => {
  if (message.type === 'render') void render(message);
  else if (message.type === 'prefetch') painter.prefetch(message.job);
  else controls.apply(message);
});
process.on('disconnect', () => process.exit());
// If the machine runs out of memory, the kernel should kill this process, since the parent can start another.
writeFile('/proc/self/oom_score_adj', '500').catch(() => {});
// Ctrl-C reaches every process of the terminal; the parent handles it.
process.on('SIGINT', () => {});

async function render({ job, placement }: { job: RenderJob; placement: Placement }): Promise<void> {
  controls = new Controls();
  if (job.within !== undefined) controls.apply({ type: 'within', seconds: job.within });
  send(await painter.paint(job, placement, controls));
}

function send(message: FromChild): void {
  process.send?.(message);
}
