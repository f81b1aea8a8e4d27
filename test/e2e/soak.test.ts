/** The short form of `npm run soak`: a folder of pictures, and a program that is killed again and again. */
import { expect, it } from 'vitest';
import { soak } from '../../scripts/soak.js';

it('loses, doubles, halves, touches and leaves nothing over ten kills', async () => {
  const seed = Date.now() % 100_000;
  const { lost, twice, half, touched, left } = await soak({ pictures: 12, kills: 10, seed });
  expect({ seed, lost, twice, half, touched, left }).toEqual({
    ...{ seed, lost: 0, twice: 0, half: 0, touched: 0, left: 0 },
  });
});
