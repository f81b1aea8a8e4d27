import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import {
  ascii,
  bar,
  clip,
  clipEnd,
  divided,
  duration,
  pad,
  relativeChange,
  shortNumber,
  shortReason,
  sparkline,
  unicode,
} from '../../src/util/format.js';

describe('format', () => {
  it('leaves out of a reason what stands beside it', () => {
    expect(shortReason('/in/a.jpg', '/in/a.jpg: is empty.')).toBe('is empty.');
    expect(shortReason('/in/a.jpg', '/in/a.jpg.json: not JSON.')).toBe('a.jpg.json: not JSON.');
    expect(shortReason('/in/b/a.jpg', '/in/inbox.json: not JSON.')).toBe('/in/inbox.json: not JSON.');
  });

  it('shortens numbers, times and names', () => {
    expect(
      [0, 1e-5, 0.0049, 0.005, 9.994, 12.34, 950, 999.7, 12_345, 1_234_567, 9.99e9].map(shortNumber),
    ).toEqual([
      '0.00',
      '1.0e-5',
      '4.9e-3',
      '0.01',
      '9.99',
      '12.3',
      '950',
      '1.00k',
      '12.3k',
      '1.23M',
      '9.99G',
    ]);
    expect([0, 59.6, 200, 3723].map(duration)).toEqual(['0:00', '1:00', '3:20', '1:02:03']);
    expect(clip('a-very-long-name.jpg', 11, unicode)).toBe('a-ver…e.jpg');
    expect(stringWidth(pad('写真写真写真.jpg', 9, unicode))).toBe(9);
    expect(clipEnd('it is empty', 8, unicode)).toBe('it is e…');
    expect(stringWidth(clipEnd('写真写真写真', 6, unicode))).toBeLessThanOrEqual(6);
    // Names that would break the line or wipe the screen.
    expect(clip('two\nlines \x1b[2J.jpg', 40, unicode)).toBe('two?lines ?[2J.jpg');
  });

  it('draws bars and trends', () => {
    expect(bar(0.5, 4, unicode)).toBe('██  ');
    expect(bar(0.3, 4, ascii, true)).toBe('#...');
    expect(bar(2, 3, unicode)).toBe('███');
    expect(divided('████', [0.5], unicode)).toBe('██│█');
    expect(divided('████', [0.99], unicode)).toBe('███│');
    expect([-0.0321, 0.004, 0.12, -0.5, 40].map(relativeChange)).toEqual([
      '-3.2%',
      '+0.4%',
      '+12%',
      '-50%',
      '+999%',
    ]);
    expect(sparkline([1, 10, 100, 1000], 4, unicode)).toBe('▁▃▆█');
    expect(sparkline([5, 5], 8, unicode)).toBe('▁▁');
    expect(sparkline([], 8, unicode)).toBe('');
  });
});
