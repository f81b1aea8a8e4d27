/** A minimal terminal emulator: the escape sequences that the program uses, and the resulting screen. */
import stringWidth from 'string-width';

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const code = /^(?:\x1b\[([?\d;]*)\$?([A-Za-z])|\x1b[\]_](.*?)(?:\x07|\x1b\\))/s;

interface Place {
  text: string;
  /** SGR parameters in effect. */
  style: string;
}

const empty: Place = { text: ' ', style: '' };

export class Emulator {
  private grid: Place[][] = [];
  private rest = '';
  private x = 0;
  private y = 0;
  private style = '';
  private kept?: { grid: Place[][]; x: number; y: number };
  private readonly pen = new Map<string, string>();
  /** Escape sequences other than those for cursor and colors: titles, pictures, notifications. */
  readonly strings: string[] = [];
  readonly modes = new Map<string, boolean>();
  /** Number of characters written outside the screen. */
  lost = 0;

  constructor(
    public columns: number,
    public rows: number,
  ) {
    this.clear();
  }

  resize(columns: number, rows: number): void {
    [this.columns, this.rows] = [columns, rows];
    this.grid = Array.from({ length: rows }, (_, y) =>
      Array.from({ length: columns }, (_, x) => this.grid[y]?.[x] ?? empty),
    );
  }

  write(output: string): void {
    this.rest += output;
    while (this.rest) {
      if (this.rest[0] === '\x1b') {
        const match = code.exec(this.rest);
        if (!match) return; // the end of it is still to come
        this.rest = this.rest.slice(match[0].length);
        if (match[2]) this.obey(match[1], match[2]);
        else this.strings.push(match[3]);
      } else {
        const end = this.rest.indexOf('\x1b');
        const text = end < 0 ? this.rest : this.rest.slice(0, end);
        this.rest = this.rest.slice(text.length);
        for (const { segment } of new Intl.Segmenter().segment(text)) this.put(segment);
      }
    }
  }

  text(): string[] {
    return this.grid.map((row) =>
      row
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    );
  }

  /** SGR parameters of all cells that have any. */
  styles(): string[] {
    return this.grid.flat().flatMap(({ style }) => (style ? [style] : []));
  }

  /** Lines with their colors, as text that `cat` reproduces. */
  painted(): string[] {
    const lengths = this.text().map((line) => stringWidth(line));
    return this.grid.map((row, y) => {
      let line = '';
      let before = '';
      for (const { text, style } of row.slice(0, lengths[y])) {
        if (style !== before) line += `\x1b[0${style && `;${style.replaceAll(' ', ';')}`}m`;
        before = style;
        line += text;
      }
      return before ? `${line}\x1b[0m` : line;
    });
  }

  private obey(parameters: string, letter: string): void {
    if (letter === 'H')
      [this.y, this.x] = parameters ? parameters.split(';').map((n) => Number(n) - 1) : [0, 0];
    else if (letter === 'J') this.clear();
    else if (letter === 'm') {
      for (const [one] of (parameters || '0').matchAll(/[34]8;2;\d+;\d+;\d+|[34]8;5;\d+|\d+/g))
        this.color(one);
    } else if (letter === 'h' || letter === 'l') {
      this.modes.set(parameters, letter === 'h');
      if (parameters === '?1049') this.switchScreen(letter === 'h');
    } else if (!/[ctpS]/.test(letter)) throw new Error(`unknown code ${parameters}${letter}`);
  }

  private color(code: string): void {
    const number = Number(code.split(';')[0]);
    const slot =
      number < 30 ? code : (number >= 40 && number < 50) || number >= 100 ? 'background' : 'foreground';
    if (number === 0) this.pen.clear();
    else if (number === 39 || number === 49) this.pen.delete(slot);
    else this.pen.set(slot, code);
    this.style = [...this.pen.values()].join(' ');
  }

  private put(char: string): void {
    if (char === '\n' || char === '\r' || char === '\r\n') {
      this.x = 0;
      if (char === '\r') return;
      if (this.y < this.rows - 1) this.y++;
      else this.grid = [...this.grid.slice(1), Array<Place>(this.columns).fill(empty)];
      return;
    }
    if (char === '\x07') return;
    const width = stringWidth(char);
    if (this.y >= this.rows || this.x + width > this.columns) {
      this.lost++;
      return;
    }
    const row = this.grid[this.y];
    row[this.x] = { text: char, style: this.style };
    if (width === 2) row[this.x + 1] = { text: '', style: this.style };
    this.x += width;
  }

  /** Switches between the main and the alternate screen. */
  private switchScreen(toOwn: boolean): void {
    if (toOwn) {
      this.kept ??= { grid: this.grid, x: this.x, y: this.y };
      this.clear();
    } else if (this.kept) {
      ({ grid: this.grid, x: this.x, y: this.y } = this.kept);
      this.kept = undefined;
    }
  }

  private clear(): void {
    this.grid = Array.from({ length: this.rows }, () => Array<Place>(this.columns).fill(empty));
  }
}
