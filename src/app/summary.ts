/** What is said at the end: what was painted, where it is, and what becomes of the rest. */
import { dirname } from 'node:path';
import type { PaintEvent } from '../render/events.js';
import { partialName } from '../render/snapshot.js';
import { shortPath } from '../util/format.js';

export interface End {
  /** All was painted; the user or a signal ended it; or the reader of the output closed it. */
  why: 'finished' | 'stopped' | 'unread';
  /** Number of pictures that are queued still. */
  waiting: number;
  /** Whether the next start continues with them. */
  resumes: boolean;
  /** What to say if there was no picture at all. */
  nothing: string;
}

/** A picture that is being painted. */
interface Current {
  source: string;
  output: string;
  iteration: number;
  partial?: string;
}

export class Summary {
  private readonly outputs = { count: 0, last: '', folders: new Set<string>() };
  private failed = 0;
  private skipped = 0;
  private readonly current = new Map<number, Current>();

  event(event: PaintEvent): void {
    switch (event.event) {
      case 'started':
        this.current.set(event.job, { source: event.source, output: event.output, iteration: 0 });
        break;
      case 'iteration':
        this.update(event.job, { iteration: event.iteration });
        break;
      case 'snapshot':
        if (event.output === partialName(this.current.get(event.job)?.output ?? ''))
          this.update(event.job, { partial: event.output });
        break;
      case 'done':
        this.current.delete(event.job);
        this.outputs.count++;
        this.outputs.last = event.output;
        this.outputs.folders.add(dirname(event.output));
        break;
      case 'failed':
      case 'skipped':
        this.current.delete(event.job);
        this[event.event]++;
    }
  }

  private update(job: number, change: Partial<Current>): void {
    const current = this.current.get(job);
    if (current) Object.assign(current, change);
  }

  lines({ why, waiting, resumes, nothing }: End): string[] {
    const { outputs, failed, skipped } = this;
    const lines: string[] = [];
    if (why === 'unread') lines.push('The reader of the output has closed it.');
    if (why === 'stopped' && !resumes) for (const each of this.current.values()) lines.push(fate(each));
    const others = [failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`].filter(Boolean);
    const rest = others.length > 0 ? ` ${others.join(', ')}.` : '';
    if (outputs.count > 0) lines.push(`Painted ${this.where()}.${rest}`);
    else if (why === 'finished') lines.push(rest ? `Nothing was painted:${rest}` : nothing);
    else lines.push(`Stopped: nothing was painted to the end.${rest}`);
    if (waiting > 0) lines.push(whatNext(waiting, resumes));
    return lines;
  }

  private where(): string {
    const { count, last, folders } = this.outputs;
    if (count === 1) return shortPath(last);
    const [first, ...more] = [...folders].map(shortPath);
    const others =
      more.length > 1 ? ` and ${more.length} more folders` : more.length > 0 ? ' and 1 more folder' : '';
    return `${count} pictures, in ${first}${others}`;
  }
}

function fate({ source, iteration, partial }: Current): string {
  const stopped = `${shortPath(source)}: stopped after ${iteration} iterations`;
  return partial === undefined
    ? `${stopped}, nothing of it was kept.`
    : `${stopped}, the best so far is ${shortPath(partial)}.`;
}

function whatNext(waiting: number, resumes: boolean): string {
  const [they, go, are] = waiting === 1 ? ['it', 'goes', 'is'] : ['they', 'go', 'are'];
  return resumes
    ? `${waiting} ${are} left: ${they} ${go} on when the same command is started again.`
    : `${waiting} ${are} left, not painted.`;
}
