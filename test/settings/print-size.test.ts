import { expect, it } from 'vitest';
import { layered } from '../../src/settings/presets.js';
import { normalPrintSize, printDensity, printName, printPixels } from '../../src/settings/print-size.js';
import { parseSettings, wantedSide } from '../../src/settings/settings.js';

it.each([
  ['10x15cm', '10x15cm@300', 1181, 1772],
  ['15 × 10 CM @ 300 dpi', '10x15cm@300', 1181, 1772],
  ['148x210mm@150', '148x210mm@150', 874, 1240],
  ['8x10in@72', '8x10in@72', 576, 720],
])('takes %s as a size', (text, normal, width, height) => {
  expect(normalPrintSize(text)).toBe(normal);
  expect(printPixels(text)).toEqual({ width, height });
  expect(parseSettings({ printSize: text }, 'test').printSize).toBe(normal);
});

it.each(['10x15', '10cm', '0x15cm', '10x15cm@0', '1x1mm', '100x150cm', '10x15km', '-10x15cm', '1.2.3x4in'])(
  'refuses %s',
  (printSize) => {
    expect(() => parseSettings({ printSize }, 'test')).toThrow(/expected a size such as 10x15cm/);
  },
);

it('is as large on paper, however many pixels fit in memory', () => {
  expect(printDensity('10x15cm@300', { width: 1181, height: 1772 })).toBeCloseTo(300, 0);
  expect(printDensity('10x15cm@300', { width: 886, height: 591 })).toBeCloseTo(150, 0);
  expect(printName('10x15cm', { width: 886, height: 591 })).toBe('15 x 10 cm');
});

it('takes the place of other sizes, and they of it', () => {
  expect(layered({ width: 100 }, { printSize: '4x6in@100' })).toEqual({ printSize: '4x6in@100' });
  expect(layered({ printSize: '4x6in@100' }, { size: 200 })).toEqual({ size: 200 });
  expect(layered({ printSize: '4x6in@100' }, { width: 200 })).toEqual({ width: 200 });
  expect(wantedSide(parseSettings({ printSize: '4x6in@100' }, 'test'))).toBe(600);
});
