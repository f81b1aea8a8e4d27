import { expect, it } from 'vitest';
import { type FinishedCell, sheetOf } from '../../src/cli/sweep-grid.js';

const source = (path: string) => ({ path, hash: path });

/** The labels of the rows of a sheet with these photos and variants, and those of its columns. */
function labelsOf(photos: string[], variants: string[], styles = ['/s/wave.jpg']) {
  const contents = photos.map(source);
  const cells = contents.flatMap((content) =>
    variants.flatMap((label) =>
      styles.map((style): FinishedCell => ({ content, style: source(style), variant: { label, flags: {} } })),
    ),
  );
  const { rows, columns } = sheetOf(contents, styles.map(source), cells);
  return { rows: rows.map(({ label }) => label), columns: columns.map(({ label }) => label) };
}

it('labels rows so that no two look alike', () => {
  expect(labelsOf(['/a/cat.jpg'], ['']).rows).toEqual(['cat']);
  expect(labelsOf(['/a/cat.jpg'], ['size 64', 'size 96']).rows).toEqual(['size 64', 'size 96']);
  expect(labelsOf(['/a/cat.jpg', '/a/cup.jpg'], ['size 64', 'size 96']).rows).toEqual([
    'cat: size 64',
    'cat: size 96',
    'cup: size 64',
    'cup: size 96',
  ]);
  expect(labelsOf(['/a/cat.jpg', '/b/cat.jpg'], ['']).rows).toEqual(['a/cat.jpg', 'b/cat.jpg']);
  expect(labelsOf(['/a/cat.jpg'], [''], ['/s/x.jpg', '/t/x.jpg', '/t/y.jpg']).columns).toEqual([
    's/x.jpg',
    't/x.jpg',
    'y',
  ]);
});
