import { expect, it } from 'vitest';
import { checkInboxes, inboxOf, subfolders } from '../../src/cli/inboxes.js';

const inbox = (folder: string) => ({ given: folder, folder, name: 'a', outbox: '/out' });

it('names a subfolder for each inbox, unique and not hidden', () => {
  expect(subfolders(['/a/phone', '/b/camera'])).toEqual(['phone', 'camera']);
  expect(subfolders(['/anna/photos', '/ben/photos', '/x/.new'])).toEqual([
    'anna-photos',
    'ben-photos',
    'new',
  ]);
  expect(subfolders(['/1/ann/photos', '/2/ann/photos', '/'])).toEqual([
    'ann-photos',
    'ann-photos-2',
    'inbox',
  ]);
});

it('refuses inboxes in one another, named twice, or in the outbox', () => {
  const check =
    (...folders: string[]) =>
    () =>
      checkInboxes(folders.map(inbox), '/out', false);
  expect(check('/a', '/b')).not.toThrow();
  expect(check('/a', '/ab')).not.toThrow();
  expect(check('/a', '/b', '/a/c')).toThrow(/^\/a\/c: lies in \/a, which is an inbox too/);
  expect(check('/a', '/a')).toThrow(/is named twice/);
  expect(check('/a', '/out')).toThrow(/cannot go into the inbox itself/);
  expect(check('/a', '/out/b')).toThrow(/contains the inbox \/out\/b/);
  expect(check('/out/b')).not.toThrow();
});

it('finds the inbox of a photo', () => {
  const all = [inbox('/a'), inbox('/ab')];
  expect(inboxOf(all, '/ab/x/y.jpg')).toBe(all[1]);
  expect(inboxOf(all, '/abc/y.jpg')).toBeUndefined();
});
