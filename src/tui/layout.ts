/** Chooses and sizes the panes for a terminal of any size. */

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
  /** One less than the terminal has: the last line stays empty. */
  rows: number;
  /** Whether there are blank lines between panes. */
  airy: boolean;
  picture: CellArea;
  losses: CellArea;
  /** Columns for the content, left of the picture, and for the styles, right of it; each. */
  side: number;
  /** Rows for the slots; 0 where there is only one. */
  slots: number;
  queue: CellArea;
  /** Columns for the log beside the queue; 0 where there is no room. */
  log: number;
  /** Rows at the foot of the queue for the latest paintings; 0 where there is no room. */
  history: number;
}

export const smallestColumns = 50;
export const smallestRows = 16;

/** In order of preference; the first that fits is used. */
const arrangements: readonly { arrangement: Arrangement; columns: number; rows: number }[] = [
  { arrangement: 'gallery', columns: 120, rows: 40 },
  { arrangement: 'beside', columns: 72, rows: smallestRows },
  { arrangement: 'stacked', columns: smallestColumns, rows: 32 },
  { arrangement: 'one', columns: smallestColumns, rows: smallestRows },
];

/** Header, name, progress, weights, message, footer. */
const fixedRows = 6;
/** The losses need a row per term; there are eight with the default layers. */
const lossRows = 8;
/** Blank columns between two panes. */
export const gap = 2;

/**
 * Rows that picture and losses get before the queue gets more than its first. Stacked, the picture gets at least as many as
 * the losses; beside them, enough for a photo as wide as its pane.
 */
const wantedRows: Record<Arrangement, number> = {
  one: lossRows,
  stacked: 2 * lossRows + 1,
  beside: 13,
  gallery: lossRows,
};

/** The queue needs a row for its counts. Beyond the maximum, rows of queue and slots are better spent on the picture. */
const [leastQueue, mostRows] = [1, 10];

/** Share of the columns for the picture, beside the losses. */
const besideShare = 0.56;

/** Shares of the columns, in a gallery. */
const [sideShare, lossShare, belowShare] = [0.2, 0.58, 0.28];
/** From this width on, the log has a pane of its own. */
const logColumns = 180;
const [lossShareWithLog, logShare] = [0.42, 0.29];

/** The layout for `slots` pictures at a time, in a terminal of this size in cells; undefined where it is too small. */
export function layOut(columns: number, terminalRows: number, slots: number): Layout | undefined {
  const found = arrangements.find((least) => columns >= least.columns && terminalRows >= least.rows);
  if (!found) return undefined;
  const { arrangement } = found;
  const rows = terminalRows - 1;
  // On small screens the lines are better spent on the picture.
  const airy = rows >= 27;
  const free = rows - fixedRows - (airy ? 3 : 0);
  const wanted = wantedRows[arrangement];
  const least = arrangement === 'stacked' ? wanted : lossRows;
  const spare = Math.min(mostRows, Math.floor(free / 3), free - least - leastQueue);
  // A single line could not show which slot it is about.
  const slotRows = slots > 1 && spare > 1 ? Math.min(slots, spare) : 0;
  const frame = { arrangement, columns, rows, airy, side: 0, slots: slotRows, log: 0, history: 0 };
  const left = free - slotRows;
  if (arrangement === 'gallery') return { ...frame, ...gallery(columns, left - 1) };
  const queueRows = Math.max(leastQueue, Math.min(mostRows, Math.floor((left - wanted) / 2)));
  const queue = { columns, rows: queueRows };
  const body = left - queueRows;
  if (arrangement === 'beside') {
    const picture = { columns: Math.floor(columns * besideShare), rows: body };
    return { ...frame, queue, picture, losses: { columns: columns - picture.columns - gap, rows: body } };
  }
  if (arrangement === 'one')
    return { ...frame, queue, picture: { columns, rows: body }, losses: { columns, rows: body } };
  const losses = { columns, rows: lossRows };
  return { ...frame, queue, picture: { columns, rows: body - lossRows - 1 }, losses };
}

/** Splits `rows` between the pictures and the panes below them, without the blank line between. */
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

/** The largest size in cells at which a picture fits; each cell is `cellHeight` times as high as wide. */
export function cellSize(width: number, height: number, area: CellArea, cellHeight: number): CellArea {
  const factor = Math.min(area.columns / width, (cellHeight * area.rows) / height);
  return {
    columns: Math.max(1, Math.min(area.columns, Math.round(width * factor))),
    rows: Math.max(1, Math.min(area.rows, Math.round((height * factor) / cellHeight))),
  };
}
