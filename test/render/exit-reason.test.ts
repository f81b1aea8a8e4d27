import { expect, it } from 'vitest';
import { type Exit, isAboutMemory, toOutcome } from '../../src/render/exit-reason.js';

const killed: Exit = { code: null, signal: 'SIGKILL', stderrTail: '', byUs: false, oomKills: 0 };

it('takes a kill for want of memory only where the kernel counted one, and it was not ours', () => {
  expect(toOutcome({ ...killed, oomKills: 1 })).toMatchObject({ outOfMemory: true, retryable: true });
  // An operator's, or another program's.
  expect(toOutcome(killed)).toMatchObject({
    outOfMemory: false,
    reason: 'the painting process was killed by SIGKILL',
  });
  // The watchdog's, while the kernel ended something else.
  const hung = 'it made no progress for too long and was stopped';
  expect(toOutcome({ ...killed, oomKills: 1, byUs: true, stderrTail: hung })).toMatchObject({
    outOfMemory: false,
    reason: `the painting process was killed by SIGKILL: ${hung}`,
  });
  expect(toOutcome({ ...killed, signal: 'SIGSEGV', oomKills: 1 }).outOfMemory).toBe(false);
});

it('hears it from what an aborting library said', () => {
  const abort = { ...killed, signal: 'SIGABRT' };
  const bad = "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n";
  expect(toOutcome({ ...abort, stderrTail: bad }).outOfMemory).toBe(true);
  const heap = 'FATAL ERROR: Committing semi space failed. Allocation failed - JavaScript heap out of memory';
  const stack = Array.from({ length: 30 }, (_, i) => `${i}: 0xee8300 v8::Utils::ReportOOMFailure() [node]`);
  expect(toOutcome({ ...abort, stderrTail: [heap, ...stack].join('\n') })).toMatchObject({
    outOfMemory: true,
    reason: 'memory ran out, and the painting process ended',
  });
  expect(toOutcome({ ...abort, stderrTail: 'double free or corruption' }).outOfMemory).toBe(false);
});

it.each([
  'bfc_arena.cc:360 Failed to allocate memory for requested buffer of size 83558400',
  'Array buffer allocation failed',
  'OOM when allocating tensor with shape[1,64,4096,4096]',
  'CUDA failure 2: out of memory',
  'bad allocation',
])('knows %s', (message) => expect(isAboutMemory(message)).toBe(true));

it.each([
  'photo.jpg: the picture is damaged or cut short',
  "ENOSPC: no space left on device, write 'a.png'",
  'the loss before the first step is NaN',
])('does not take this for it: %s', (message) => expect(isAboutMemory(message)).toBe(false));
