/** Which panes there are and where they go, for a terminal of any size. */

/** A pane's size in cells. */
export interface CellArea {
  columns: number;
  rows: number;
}

/**
 * one: the picture or the losses, as wide as the screen. stacked: the picture above the losses. beside: the picture
 * left of them. gallery: content, picture and styles above, the losses and the queue side by side below.
 */
export type Arrangement = 'one' | 'stacked' | 'beside' | 'gallery';

export interface Layout {
  arrangement: Arrangement;
  columns: number;
  /** One less than the terminal has: the last line stays free. */
  rows: number;
  /** Blank lines between the parts. */
  airy: boolean;
  picture: CellArea;
  losses: CellArea;
  /** Columns for the content on the left of the picture, and for the styles on its right. */
  side: number;
  /** Rows for the slots, 0 where there is one. */
  slots: number;
  queue: CellArea;
  /** Columns for what happened lately, beside the queue; 0 where it has to be asked for. */
  log: number;
  /** Rows at the foot of the queue for the latest paintings; 0 where there is no room. */
  history: number;
}

export const smallestColumns = 50;
export const smallestRows = 16;

/** The first that the terminal is large enough for. */
const arrangements: readonly { arrangement: Arrangement; columns: number; rows: number }[] = [
  { arrangement: 'gallery', columns: 120, rows: 40 },
  { arrangement: 'beside', columns: 72, rows: smallestRows },
  { arrangement: 'stacked', columns: smallestColumns, rows: 32 },
  { arrangement: 'one', columns: smallestColumns, rows: smallestRows },
];

/** Header, name, progress, weights, message, footer. */
const fixedRows = 6;
/** The losses want a row a term; there are eight with the usual layers. */
const lossRows = 8;
/** Blank columns between two panes. */
export const gap = 2;

/** The queue wants a row for its counts. More rows than these, for it or for the slots, are better spent on the picture. */
const [leastQueue, mostRows] = [1, 10];

/** Shares of the columns, in a gallery. */
const [sideShare, lossShare, belowShare] = [0.2, 0.58, 0.28];
/** From here on the latest messages have a pane of their own. */
const logColumns = 180;
const [lossShareWithLog, logShare] = [0.42, 0.29];

/** For `slots` pictures at the same time. Undefined where the terminal is too small for anything. */
export function layOut(columns: number, terminalRows: number, slots: number): Layout | undefined {
  const found = arrangements.find((least) => columns >= least.columns && terminalRows >= least.rows);
  if (!found) return undefined;
  const { arrangement } = found;
  const rows = terminalRows - 1;
  const airy = rows >= 23;
  const free = rows - fixedRows - (airy ? 3 : 0);
  // Above the losses the picture wants as many rows as they do.
  const wanted = arrangement === 'stacked' ? 2 * lossRows + 1 : lossRows;
  const spare = Math.min(mostRows, free - wanted - leastQueue);
  // A single line would not tell them apart.
  const slotRows = slots > 1 && spare > 1 ? Math.min(slots, spare) : 0;
  const frame = { arrangement, columns, rows, airy, side: 0, slots: slotRows, log: 0, history: 0 };
  const left = free - slotRows;
  if (arrangement === 'gallery') return { ...frame, ...gallery(columns, left - 1) };
  const queueRows = Math.max(leastQueue, Math.min(mostRows, Math.floor((left - wanted) / 2)));
  const queue = { columns, rows: queueRows };
  const body = left - queueRows;
  if (arrangement === 'beside') {
    const picture = { columns: Math.floor(columns * (columns < 100 ? 0.45 : 0.55)), rows: body };
    return { ...frame, queue, picture, losses: { columns: columns - picture.columns - gap, rows: body } };
  }
  if (arrangement === 'one')
    return { ...frame, queue, picture: { columns, rows: body }, losses: { columns, rows: body } };
  const losses = { columns, rows: lossRows };
  return { ...frame, queue, picture: { columns, rows: body - lossRows - 1 }, losses };
}

/** `rows` for the pictures and what is below them, without the blank line between. */
function gallery(columns: number, rows: number) {
  const below = Math.max(lossRows + 1, Math.min(mostRows + 4, Math.floor(rows * belowShare)));
  const side = Math.floor(columns * sideShare);
  const log = columns >= logColumns ? Math.floor(columns * logShare) : 0;
  const losses = Math.floor(columns * (log > 0 ? lossShareWithLog : lossShare));
  return {
    side,
    log,
    history: Math.floor((below - 1) / 2),
    picture: { columns: columns - 2 * (side + gap), rows: rows - below },
    losses: { columns: losses, rows: below },
    queue: { columns: columns - losses - 2 * gap - (log > 0 ? log + 2 * gap : 0), rows: below },
  };
}

/** The largest size in cells that shows a picture whole and in proportion; each cell is `cellHeight` times as high as wide. */
export function cellSize(width: number, height: number, room: CellArea, cellHeight: number): CellArea {
  const factor = Math.min(room.columns / width, (cellHeight * room.rows) / height);
  return {
    columns: Math.max(1, Math.min(room.columns, Math.round(width * factor))),
    rows: Math.max(1, Math.min(room.rows, Math.round((height * factor) / cellHeight))),
  };
}
