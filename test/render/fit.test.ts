import { describe, expect, it } from 'vitest';
import { evaluationMemory } from '../../src/engine/memory.js';
import type { EngineName } from '../../src/engine/placement.js';
import { fitToMemory, largestFitting, type Need, paintingMemory } from '../../src/render/fit.js';
import type { MemoryBudget } from '../../src/render/messages.js';
import { parseSettings } from '../../src/settings/settings.js';
import { scream } from '../e2e/program.js';

const square = (side: number) => ({ width: side, height: side });
const needOf = (engine: EngineName, optimizer: 'adam' | 'lbfgs', side: number): Need => ({
  engine,
  optimizer,
  contentLayers: ['relu4_2'],
  content: square(side),
  bleed: 0,
  styles: [{ width: side, height: Math.round(0.55 * side) }],
});

/** Peaks of real painting processes in MiB: docs/performance.md. */
const peaks: [EngineName, 'adam' | 'lbfgs', number, number][] = [
  ['onnx', 'adam', 256, 491],
  ['onnx', 'adam', 512, 926],
  ['onnx', 'adam', 768, 1611],
  ['onnx', 'adam', 1024, 2378],
  ['onnx', 'lbfgs', 512, 1119],
  ['tensorflow', 'adam', 256, 976],
  ['tensorflow', 'adam', 512, 1998],
  ['tensorflow', 'adam', 768, 3826],
];

describe('paintingMemory', () => {
  it.each(peaks)(
    '%s, %s, %d²: no less than the %d MiB measured, nor much more',
    (engine, optimizer, side, peak) => {
      const foreseen = paintingMemory(needOf(engine, optimizer, side)) / 1024 ** 2;
      expect(foreseen).toBeGreaterThan(peak);
      expect(foreseen).toBeLessThan(1.4 * peak);
    },
  );

  it('grows with every side, and with a style larger than the photo', () => {
    const need = needOf('onnx', 'lbfgs', 512);
    const base = paintingMemory(need);
    expect(paintingMemory({ ...need, content: { width: 513, height: 512 } })).toBeGreaterThan(base);
    expect(paintingMemory({ ...need, bleed: 8 })).toBe(paintingMemory({ ...need, content: square(528) }));
    expect(paintingMemory({ ...need, styles: [square(2048)] })).toBeGreaterThan(1.5 * base);
    // L-BFGS keeps 25 pairs of images of three floats a pixel and works on ten more, Adam keeps one pair.
    const adam = paintingMemory({ ...need, optimizer: 'adam' });
    expect(base - adam).toBeCloseTo((2 * 25 + 10 - 2) * 3 * 4 * 512 * 512, 0);
  });

  it('is what the engine takes, and more', () => {
    expect(paintingMemory(needOf('onnx', 'adam', 512))).toBeGreaterThan(evaluationMemory('onnx', 512 * 512));
  });
});

describe('largestFitting', () => {
  const need: Need = {
    ...needOf('tensorflow', 'lbfgs', 512),
    content: { width: 4000, height: 3000 },
    styles: [],
  };
  const at = (width: number, height: number) => paintingMemory({ ...need, content: { width, height } });

  it('fills the room, in the same shape', () => {
    const room = 20e9;
    const { width, height } = largestFitting(need, room);
    expect(at(width, height)).toBeLessThanOrEqual(room);
    expect(at(width + 3, height + 3)).toBeGreaterThan(room);
    expect(width / height).toBeCloseTo(4 / 3, 2);
  });

  it('leaves room for a style that keeps its size', () => {
    const styled = { ...need, styles: [square(2000)] };
    const room = 30e9;
    const kept = largestFitting({ ...styled, stylesKept: true }, room);
    expect(kept.width).toBeLessThan(largestFitting(styled, room).width);
    expect(paintingMemory({ ...styled, content: kept })).toBeLessThanOrEqual(room);
  });

  it('is larger in tiles, where the engine can do that', () => {
    const room = 3e9;
    expect(largestFitting(need, room).width).toBeLessThan(800);
    expect(largestFitting({ ...need, engine: 'onnx' }, room).width).toBeGreaterThan(3000);
    expect(largestFitting({ ...need, engine: 'onnx', optimizer: 'adam' }, room).width).toBe(4000);
  });

  it('never enlarges, and leaves a picture that can be looked at', () => {
    expect(largestFitting(need, 1e15)).toEqual({ width: 4000, height: 3000 });
    expect(largestFitting(need, 0)).toEqual({ width: 256, height: 192 });
    expect(largestFitting({ ...need, content: { width: 90, height: 60 } }, 0)).toEqual({
      width: 90,
      height: 60,
    });
    expect(largestFitting({ ...need, content: { width: 4000, height: 200 } }, 0)).toEqual({
      width: 256,
      height: 32,
    });
  });
});

describe('fitToMemory', () => {
  const asked = { width: 2000, height: 1500 };
  const settings = parseSettings({ styles: [scream] }, 'test');
  const layers = { content: { relu4_2: 1 }, style: { relu1_1: 1 } };
  const paint = async (memory: MemoryBudget, engine: EngineName = 'tensorflow', painted?: typeof asked) => {
    const warnings: string[] = [];
    const replay = painted && { iterations: 3, history: [], painted };
    const job = { source: '/in/beach.jpg', settings, layers, memory, replay };
    const fit = await fitToMemory(job, asked, engine, (text) => warnings.push(text));
    return { ...fit, warnings };
  };

  it('is the size asked for in one piece where that fits, or nothing is known', async () => {
    expect(await paint({ limit: 100e9, strict: false })).toEqual({ size: asked, warnings: [] });
    expect(await paint({ strict: true })).toEqual({ size: asked, warnings: [] });
    expect(await paint({ limit: 100e9, strict: false }, 'onnx')).toEqual({ size: asked, warnings: [] });
  });

  it('is painted in tiles where one piece does not fit, with a word about it, strict or not', async () => {
    const { size, tile, warnings } = await paint({ limit: 2e9, strict: true }, 'onnx');
    expect(size).toEqual(asked);
    expect(tile).toBeGreaterThan(512 * 512);
    expect(tile).toBeLessThan(1024 * 1024);
    expect(warnings).toEqual([
      expect.stringMatching(/^2000×1500 needs .* of memory, 2\.0 GB is available: painted in tiles/),
    ]);
    const more = await paint({ limit: 3e9, strict: true }, 'onnx');
    expect(more.tile).toBeGreaterThan(1.5 * tile!);
  });

  it('is smaller with a warning, where that does not fit', async () => {
    const { size, warnings } = await paint({ limit: 3e9, strict: false });
    expect(size.width).toBeLessThan(1200);
    expect(warnings).toEqual([
      expect.stringMatching(
        new RegExp(
          `^2000×1500 needs about \\d+(\\.\\d)? GB of memory, 3.0 GB is available: painted at ${size.width}×${size.height}.$`,
        ),
      ),
    ]);
    // Less than the network takes: no tile is small enough.
    const least = await paint({ limit: 0.4e9, strict: false }, 'onnx');
    expect(least.size).toEqual({ width: 256, height: 192 });
  });

  it('is refused instead with --strict-size, with what to do', async () => {
    await expect(paint({ limit: 3e9, strict: true })).rejects.toThrow(
      /^\/in\/beach\.jpg: 2000×1500 needs about .* 3\.0 GB is available\. Close other programs.*--strict-size/,
    );
  });

  it('has half the pixels after memory ran out, of what would have been painted', async () => {
    const area = ({ width, height }: typeof asked) => width * height;
    const half = await paint({ strict: false, share: 0.5 });
    expect(area(half.size) / area(asked)).toBeCloseTo(0.5, 2);
    const foreseen = await paint({ limit: 3e9, strict: false });
    const both = await paint({ limit: 3e9, strict: false, share: 0.5 });
    expect(area(both.size) / area(foreseen.size)).toBeCloseTo(0.5, 2);
  });

  it('is that of the painting that is repeated', async () => {
    const painted = { width: 640, height: 480 };
    const { size, warnings } = await paint({ limit: 100e9, strict: false }, 'onnx', painted);
    expect({ size, warnings }).toEqual({ size: painted, warnings: [] });
  });
});
