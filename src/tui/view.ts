/** Which panes are shown. Nothing here affects a painting. */

/** What the picture pane shows. */
export const pictureModes = ['result', 'beside', 'content', 'style'] as const;
export type PictureMode = (typeof pictureModes)[number];

export interface View {
  picture: PictureMode;
  /** The picture alone, as large as the screen. */
  full: boolean;
  /** Where there is room for one pane only: the losses instead of the picture. */
  numbers: boolean;
  /** The losses of every style at every layer, instead of the terms. */
  table: boolean;
  /** The log, instead of picture and queue. */
  log: boolean;
  /** How many lines the log is scrolled up from its end. */
  back: number;
}

/** What a key can show or hide. */
export type ViewTarget = 'picture' | 'full' | 'numbers' | 'table' | 'log';

export const initialView: View = {
  picture: 'result',
  full: false,
  numbers: false,
  table: false,
  log: false,
  back: 0,
};

/** Toggles a pane, or moves on to the next picture mode. */
export function lookAt(view: View, what: ViewTarget): View {
  switch (what) {
    case 'picture': {
      const next = (pictureModes.indexOf(view.picture) + 1) % pictureModes.length;
      return { ...view, picture: pictureModes[next], numbers: false };
    }
    case 'table':
      return { ...view, table: !view.table, numbers: true, full: false };
    case 'numbers':
      return { ...view, numbers: !view.numbers };
    case 'full':
      return { ...view, full: !view.full, log: false };
    case 'log':
      return { ...view, log: !view.log, back: 0, full: false };
  }
}

/** Closes what covers picture and queue. */
export const uncover = (view: View): View => ({ ...view, full: false, log: false });
