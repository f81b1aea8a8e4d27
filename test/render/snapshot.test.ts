import { expect, it } from 'vitest';
import { periodicSnapshotName, requirePlaceholder, snapshotName } from '../../src/render/snapshot.js';

// What Python's format() and % make of 40.
it.each([
  ['foo_{}.jpg', 'foo_40.jpg'],
  ['foo_{:05}.jpg', 'foo_00040.jpg'],
  ['foo_{:05d}.jpg', 'foo_00040.jpg'],
  ['foo_{0:04}.jpg', 'foo_0040.jpg'],
  ['foo_{:4}.jpg', 'foo_  40.jpg'],
  ['foo_%d.jpg', 'foo_40.jpg'],
  ['foo%04d.jpg', 'foo0040.jpg'],
  ['foo_%s.jpg', 'foo_40.jpg'],
])('%s becomes %s', (pattern, name) => {
  requirePlaceholder(pattern);
  expect(periodicSnapshotName(pattern, 40)).toBe(name);
});

it.each(['foo.jpg', 'foo_{name}.jpg', '100%.jpg'])('%s has no placeholder for the iteration', (pattern) => {
  expect(() => requirePlaceholder(pattern)).toThrow(/foo_\{\}\.jpg/);
});

it('names snapshots for their output', () => {
  expect(snapshotName('/out/beach.jpg', 40)).toBe('/out/beach.at-40.jpg');
});
