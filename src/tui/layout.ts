/** Where things go, for a terminal of any size: the picture left, losses right, weights, slots and queue below. */

export interface Layout {
  columns: number;
  /** One less than the terminal has: a full screen makes Ink clear the scrollback at every frame. */
  rows: number;
  /** The room for the picture, in cells. */
  picture: { columns: number; rows: number };
  /** Columns for the losses, 0 where only the picture has room. */
  losses: number;
  /** Rows of the body, between the title lines and the weights. */
  body: number;
  /** Rows for the slots, 0 where there is one. */
  slots: number;
  /** Rows for the queue. */
  queue: number;
  /** Blank lines between the parts. */
  airy: boolean;
}

export const smallestColumns = 50;
export const smallestRows = 16;

/** Header, name, progress, weights, message, footer. */
const fixedRows = 6;
/** The losses want a row a term; there are eight with the usual layers. */
const lossRows = 8;
const gap = 2;

/** The queue wants a row for its counts. More rows than these, for it or for the slots, are better spent on the picture. */
const [leastQueue, mostRows] = [1, 10];

/** For `slots` pictures at the same time. Undefined where the terminal is too small for anything. */
export function layOut(columns: number, terminalRows: number, slots: number): Layout | undefined {
  if (columns < smallestColumns || terminalRows < smallestRows) return undefined;
  const rows = terminalRows - 1;
  const airy = rows >= 23;
  const free = rows - fixedRows - (airy ? 3 : 0);
  const spare = Math.min(mostRows, free - lossRows - leastQueue);
  // A single line would not tell them apart.
  const slotRows = slots > 1 && spare > 1 ? Math.min(slots, spare) : 0;
  const half = Math.floor((free - slotRows - lossRows) / 2);
  const queue = Math.max(leastQueue, Math.min(mostRows, half));
  const body = free - slotRows - queue;
  const picture = Math.floor(columns * (columns < 100 ? 0.45 : 0.55));
  return {
    columns,
    rows,
    picture: { columns: picture, rows: body },
    losses: columns - picture - gap,
    body,
    slots: slotRows,
    queue,
    airy,
  };
}

/** The largest size in cells, each twice as high as wide, that shows a picture whole and in proportion. */
export function cellSize(
  width: number,
  height: number,
  room: Layout['picture'],
): { columns: number; rows: number } {
  const factor = Math.min(room.columns / width, (2 * room.rows) / height);
  return {
    columns: Math.max(1, Math.min(room.columns, Math.round(width * factor))),
    rows: Math.max(1, Math.min(room.rows, Math.round((height * factor) / 2))),
  };
}
