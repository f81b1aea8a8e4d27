import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { plainReporter } from '../../src/app/reporters/plain.js';
import type { PaintEvent } from '../../src/render/events.js';
import { done, iteration, ofJob, started, working } from '../tui/events.js';

let lines: string[] = [];

beforeEach(() => {
  lines = [];
  vi.useFakeTimers();
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('gives each of several pictures its line every five seconds', () => {
  const { event } = plainReporter({ quiet: false });
  event(started(1, 1));
  event(started(2, 2));
  lines = [];
  for (let second = 1; second <= 12; second++) {
    vi.advanceTimersByTime(1000);
    event(iteration(1, second));
    event(iteration(2, 2 * second));
  }
  const counts = lines.map((line) => line.split(',')[0]);
  expect(counts).toEqual([
    'photo-1.jpg: 5/130',
    'photo-2.jpg: 10/130',
    'photo-1.jpg: 10/130',
    'photo-2.jpg: 20/130',
  ]);
});

it('counts anew for each picture, whatever came before', () => {
  const { event } = plainReporter({ quiet: false });
  event(started(1));
  vi.advanceTimersByTime(4000);
  event(done(1));
  event(started(2));
  lines = [];
  vi.advanceTimersByTime(4000);
  event(iteration(2, 4));
  expect(lines).toEqual([]);
  vi.advanceTimersByTime(1000);
  event(iteration(2, 5));
  expect(lines).toEqual([expect.stringContaining('photo-2.jpg: 5/130')]);
});

it('gives each event one line, whatever is in a name, and names the file once', () => {
  const { event } = plainReporter({ quiet: false });
  const source = '/in/two\nlines\x1b[2J.jpg';
  event({ event: 'skipped', time: '', job: 1, source, reason: `${source}: links are not followed.` });
  expect(lines).toEqual(['two?lines?[2J.jpg: skipped: links are not followed.\n']);
});

it('tells why a picture was done before its iterations were', () => {
  const { event } = plainReporter({ quiet: false });
  event(done(1));
  event({ ...done(2), iterations: 96, ended: 'until' } as PaintEvent);
  expect(lines).toEqual([
    'photo-1.jpg: done in 9 s, loss 10.00: /out/photo-1.jpg\n',
    'photo-2.jpg: done in 9 s, converged after 96 iterations, loss 10.00: /out/photo-2.jpg\n',
  ]);
});

it('tells of tiles as seldom as of iterations', () => {
  const { event } = plainReporter({ quiet: false });
  event(started(1));
  lines = [];
  for (let second = 1; second <= 12; second++) {
    vi.advanceTimersByTime(1000);
    event(working(1, second / 12));
  }
  expect(lines).toEqual(['photo-1.jpg: in tiles, 41 %\n', 'photo-1.jpg: in tiles, 83 %\n']);
});

it('tells how far all pictures are, in the line of each', () => {
  const { event } = plainReporter({ quiet: false });
  for (const job of [1, 2, 3, 4]) event({ event: 'queued', time: '', job, source: `/in/photo-${job}.jpg` });
  event({ ...done(1), seconds: 100 } as PaintEvent);
  event(started(2));
  lines = [];
  vi.advanceTimersByTime(5000);
  event({ ...iteration(2, 5), seconds: 40, secondsLeft: 60 } as PaintEvent);
  // A minute for this one, and 100 seconds for each of the two others.
  expect(lines).toEqual([expect.stringMatching(/1:00 left; 1 of 4 done, about 4:20 left for all\n$/)]);
});

it('numbers the frames of a sequence, with those of earlier starts, and tells the time for all', () => {
  const { event } = plainReporter({ quiet: false, frames: 10 });
  const frame = (job: number): PaintEvent =>
    ({
      ...started(job),
      weights: { content: 1, style: 10, tv: 0, temporal: 0.003, blend: [1] },
    }) as PaintEvent;
  for (const job of [1, 2]) event({ event: 'skipped', ...ofJob(job), reason: 'it is painted already' });
  event({ event: 'queued', ...ofJob(3) });
  lines = [];
  event(frame(3));
  event({ ...done(3), seconds: 60 } as PaintEvent);
  event(frame(4));
  vi.advanceTimersByTime(5000);
  event({ ...iteration(4, 5), seconds: 40, secondsLeft: 20 } as PaintEvent);
  expect(lines).toEqual([
    expect.stringMatching(/^photo-3\.jpg: frame 3 of 10, painting [^;]*\n$/),
    expect.stringContaining('photo-3.jpg: done'),
    expect.stringMatching(/^photo-4\.jpg: frame 4 of 10, painting .*; about 7:00 left for all\n$/),
    expect.stringMatching(/0:20 left; frame 4 of 10, about 6:20 left for all\n$/),
  ]);
});

it('counts as waiting no photo that was dropped or is done since an earlier start', () => {
  const { event } = plainReporter({ quiet: false });
  event({ event: 'skipped', ...ofJob(9), reason: 'it is painted already' });
  for (const job of [1, 2, 3]) event({ event: 'queued', ...ofJob(job) });
  event({ event: 'skipped', ...ofJob(3), reason: 'skipped by hand' });
  event(started(1));
  lines = [];
  vi.advanceTimersByTime(5000);
  event({ ...iteration(1, 5), seconds: 40, secondsLeft: 60 } as PaintEvent);
  expect(lines).toEqual([expect.stringMatching(/; 1 of 3 done, about 2:40 left for all\n$/)]);
});
