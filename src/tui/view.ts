/** How a person looks at what happens: which panes, and what has been seen. Nothing here changes a painting. */

/** What the picture's pane shows. */
export const pictureModes = ['result', 'beside', 'content', 'style'] as const;
export type PictureMode = (typeof pictureModes)[number];

export interface View {
  picture: PictureMode;
  /** The picture alone, as large as the screen. */
  full: boolean;
  /** Where only one has room: the losses, instead of the picture. */
  numbers: boolean;
  /** The losses of every style at every layer, instead of the terms. */
  table: boolean;
  /** What happened, instead of picture and queue. */
  log: boolean;
  /** Lines that the log is scrolled back from its end. */
  back: number;
}

/** What a key can switch. */
export type Sight = 'picture' | 'full' | 'numbers' | 'table' | 'log';

export const initialView: View = {
  picture: 'result',
  full: false,
  numbers: false,
  table: false,
  log: false,
  back: 0,
};

/** Looks at the next thing of this kind: switches it on or off, or moves on to the next picture. */
export function lookAt(view: View, what: Sight): View {
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

/** Back from what covers the rest. */
export const uncover = (view: View): View => ({ ...view, full: false, log: false });
