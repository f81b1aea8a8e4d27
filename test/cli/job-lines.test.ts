import { expect, it } from 'vitest';
import { jobLines } from '../../src/cli/job-lines.js';
import type { JobRecord } from '../../src/queue/job.js';
import { detectLook } from '../../src/tui/look.js';

const job = (id: number): JobRecord => ({
  id,
  status: 'failed',
  source: `/in/${id}.jpg`,
  output: null,
  reason: 'it is cold'.repeat(200),
  attempts: 1,
  seconds: null,
  queuedAt: '2026-01-01T10:00:00.000Z',
  startedAt: null,
  finishedAt: null,
  sourceHash: '',
  settingsHash: '',
  losses: null,
  followUps: [],
});

it('lines up very many jobs, each in the width that there is', () => {
  function* jobs() {
    for (let id = 1; id <= 200_000; id++) yield job(id);
  }
  const lines = jobLines(jobs, 80, detectLook());
  expect(lines.next().value).toMatch(/^ {3}job {2}status {3}when .* took {2}photo .* painting/);
  const first = lines.next().value!;
  expect(first).toMatch(/^ {5}1 {2}failed .* 1\.jpg {5} {2}it is cold/);
  expect([...first]).toHaveLength(80);
});
