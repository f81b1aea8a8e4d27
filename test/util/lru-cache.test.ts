import { expect, it } from 'vitest';
import { LruCache } from '../../src/util/lru-cache.js';

it('drops the entry that has not been used for longest', () => {
  const cache = new LruCache<string, number>(2);
  cache.set('a', 1);
  cache.set('b', 2);
  expect(cache.get('a')).toBe(1);
  cache.set('c', 3);
  expect(cache.get('b')).toBeUndefined();
  cache.set('a', 4);
  cache.set('d', 5);
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual([4, undefined, undefined, 5]);
});
