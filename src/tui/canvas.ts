/**
 * Sits between Ink and the terminal: takes whole frames and writes only the cells that changed.
 * Pictures bypass Ink, which takes a tenth of a second to lay out a frame with one in it: the frame holds a mark at the
 * picture's top left corner, and the picture's cells are drawn there.
 */
import { EventEmitter } from 'node:events';
import { blank, type Cell, cellsOf, restyle, sameCell } from './cells.js';
import { terminalSize } from './look.js';
import { endMouse, startMouse } from './mouse.js';

/** A picture as cells, or as a terminal graphics sequence that covers as many. */
export interface Drawing {
  columns: number;
  rows: number;
  cells?: readonly (readonly Cell[])[];
  native?: NativeDrawing;
}

export interface NativeDrawing {
  /** Draws at the cursor. */
  code: string;
  /** Removes the picture. */
  remove: string;
}

/** The characters that mark a picture: private-use code points, one column wide. */
const [firstMark, marks] = [0xf0000, 0xfff];

/** Synchronized output: the terminal shows nothing in between until the frame is complete. */
const [begin, end] = ['\x1b[?2026h', '\x1b[?2026l'];

/** A drawing with terminal graphics, and the sequence that moves the cursor to its place. */
interface Placed {
  drawing: Drawing;
  place: string;
}

export class Canvas extends EventEmitter {
  /** Ink checks this; detecting what the terminal can do is left to us. */
  readonly isTTY = true;
  private lines: readonly string[] = [];
  /** Cells of the lines on the screen, without pictures, by line: unchanged lines are not parsed again. */
  private parsed = new Map<string, Cell[]>();
  /** What is on the screen. */
  private shown: Cell[][] = [];
  private readonly drawings = new Map<string, Drawing>();
  /** Terminal graphics on the screen, by their marks. */
  private natives = new Map<string, Placed>();
  /** Where pictures are. */
  private pictures: { x: number; y: number; right: number; bottom: number }[] = [];
  private mouse = false;
  private lastMark = 0;
  private scheduled: NodeJS.Immediate | undefined;
  private open = true;

  /** @param synchronized the terminal has synchronized output */
  constructor(
    private readonly terminal: NodeJS.WriteStream,
    private readonly synchronized = false,
  ) {
    super();
    terminal.on('resize', this.resized);
  }

  get columns(): number {
    return terminalSize(this.terminal).columns;
  }

  get rows(): number {
    return terminalSize(this.terminal).rows;
  }

  /** Takes a whole frame. Several frames in one tick are drawn once. */
  write(frame: string): boolean {
    this.lines = frame.split('\n');
    this.schedule();
    return true;
  }

  /** A character that stands for a picture in a frame, at its top left corner. */
  mark(): string {
    this.lastMark = (this.lastMark + 1) % marks;
    return String.fromCodePoint(firstMark + this.lastMark);
  }

  /** Draws a picture at its mark from now on, or stops drawing one. */
  draw(mark: string, drawing: Drawing | undefined): void {
    if (drawing) this.drawings.set(mark, drawing);
    else this.drawings.delete(mark);
    this.schedule();
  }

  /** Has the terminal report the mouse from now on, or no longer. */
  reportMouse(on: boolean): void {
    if (on === this.mouse) return;
    this.mouse = on;
    if (this.open) this.terminal.write(on ? startMouse : endMouse);
  }

  /** The line on the screen, one character per column; others than those of one unit are replaced. */
  lineAt(y: number): string {
    return (this.shown[y] ?? []).map(({ text }) => (text.length === 1 ? text : '\ufffd')).join('');
  }

  /** Whether a picture is drawn there. */
  isPictureAt(x: number, y: number): boolean {
    return this.pictures.some((area) => x >= area.x && y >= area.y && x < area.right && y < area.bottom);
  }

  /** Stops drawing and removes terminal graphics, so that something else can use the terminal. */
  rest(): void {
    this.open = false;
    clearImmediate(this.scheduled);
    this.scheduled = undefined;
    const removals = [...this.natives.values()].map(({ drawing }) => drawing.native?.remove).join('');
    if (removals || this.mouse) this.terminal.write(removals + (this.mouse ? endMouse : ''));
  }

  /** Sends the terminal graphics again: behind tmux there may be another terminal now. */
  sendAgain(): void {
    this.natives.clear();
    this.schedule();
  }

  /** Redraws the whole screen and continues. */
  resume(): void {
    this.open = true;
    this.shown = [];
    if (this.mouse) this.terminal.write(startMouse);
    this.flush();
  }

  close(): void {
    this.rest();
    this.terminal.off('resize', this.resized);
  }

  private readonly resized = () => {
    this.shown = [];
    this.emit('resize');
    this.schedule();
  };

  private schedule(): void {
    if (this.open) this.scheduled ??= setImmediate(() => this.flush());
  }

  /** Draws now instead of in the next tick. */
  flush(): void {
    clearImmediate(this.scheduled);
    this.scheduled = undefined;
    const { columns, rows } = this;
    let out = '';
    if (this.shown.length !== rows || this.shown[0].length !== columns) {
      this.shown = Array.from({ length: rows }, () => Array<Cell>(columns).fill(blank));
      this.parsed.clear();
      this.natives.clear();
      out += '\x1b[0m\x1b[2J';
    }
    const { grid, natives } = this.compose(columns, rows);
    for (const [mark, before] of this.natives) {
      if (covers(natives.get(mark), before)) continue;
      // Removing a picture erases the cells under it, so they are written again.
      out += before.drawing.native?.remove;
      this.natives.delete(mark);
      for (const row of this.shown) row.fill({ ...blank, text: '?' });
    }
    out += difference(this.shown, grid);
    for (const [mark, { drawing, place }] of natives)
      if (this.natives.get(mark)?.drawing !== drawing) out += `${place}${drawing.native?.code}`;
    this.natives = natives;
    this.shown = grid;
    if (out) this.terminal.write(this.synchronized ? begin + out + end : out);
  }

  /** The frame as cells with pictures drawn in, and the terminal graphics with their positions. */
  private compose(columns: number, rows: number) {
    const parsed = new Map<string, Cell[]>();
    const grid = Array.from({ length: rows }, (_, y) => {
      const line = this.lines[y] ?? '';
      const cells = this.parsed.get(line) ?? cellsOf(line, columns);
      parsed.set(line, cells);
      return [...cells];
    });
    this.parsed = parsed;
    const natives = new Map<string, Placed>();
    this.pictures = [];
    for (const [y, row] of grid.entries())
      for (const [x, { text }] of row.entries()) {
        if (!isMark(text)) continue;
        row[x] = blank;
        const drawing = this.drawings.get(text);
        if (drawing) this.pictures.push({ x, y, right: x + drawing.columns, bottom: y + drawing.rows });
        if (drawing?.native) natives.set(text, { drawing, place: cursorTo(x, y) });
        for (const [dy, cells] of drawing?.cells?.entries() ?? [])
          for (const [dx, cell] of cells.entries())
            if (y + dy < rows && x + dx < columns) grid[y + dy][x + dx] = cell;
      }
    return { grid, natives };
  }
}

function isMark(text: string): boolean {
  const code = text.codePointAt(0) ?? 0;
  return code >= firstMark && code < firstMark + marks;
}

/** Whether a drawing takes the place of an earlier one, which then need not be removed. */
const covers = (now: Placed | undefined, before: Placed) =>
  now?.place === before.place &&
  now.drawing.columns === before.drawing.columns &&
  now.drawing.rows === before.drawing.rows;

const cursorTo = (x: number, y: number) => `\x1b[${y + 1};${x + 1}H`;

/** The escape sequences that turn one screen into the other. */
function difference(from: readonly Cell[][], to: readonly Cell[][]): string {
  let out = '';
  let pen = blank;
  for (const [y, row] of to.entries()) {
    let cursor = -1;
    for (const [x, cell] of row.entries()) {
      if (sameCell(cell, from[y][x]) || cell.text === '') continue;
      out += (cursor === x ? '' : cursorTo(x, y)) + restyle(pen, cell) + cell.text;
      pen = cell;
      // Terminals disagree on how far wide characters move the cursor.
      cursor = cell.text < '\u2e80' ? x + 1 : -1;
    }
  }
  return out && `${out}\x1b[0m`;
}
