/** The mouse, as terminals report it in SGR mode: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html#h2-Mouse-Tracking */

/** While it is on, the terminal no longer selects text, so it is off at first. */
export const [startMouse, endMouse] = ['\x1b[?1000h\x1b[?1006h', '\x1b[?1006l\x1b[?1000l'];

export interface MouseEvent {
  what: 'click' | 'up' | 'down';
  /** Cells from the upper left corner, from 0. */
  x: number;
  y: number;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const report = /^\x1b\[<(\d+);(\d+);(\d+)([Mm])$/;
const buttons: Record<string, MouseEvent['what']> = { 0: 'click', 64: 'up', 65: 'down' };

/** Undefined for anything else, releases and other buttons included. */
export function mouseEventOf(data: string): MouseEvent | undefined {
  const [, button, x, y, end] = report.exec(data) ?? [];
  const what = end === 'M' ? buttons[button] : undefined;
  return what && { what, x: Number(x) - 1, y: Number(y) - 1 };
}

/**
 * Index of the name that is at a column of a line, or whose number after it is; −1 if there is none.
 * @param line one character per column
 */
export function nameAt(line: string, x: number, names: readonly string[]): number {
  return names.findIndex((name) => {
    for (let start = line.indexOf(name); start >= 0; start = line.indexOf(name, start + 1)) {
      const rest = line.slice(start + name.length);
      const isWhole = !/[\w-]/.test(line[start - 1] ?? ' ') && /^(\s|$)/.test(rest);
      const number = /^ +[\d.]\S*/.exec(rest)?.[0].length ?? 0;
      if (isWhole && x >= start && x < start + name.length + number) return true;
    }
    return false;
  });
}
