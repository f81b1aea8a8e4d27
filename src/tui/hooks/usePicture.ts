/** Draws a picture on the canvas, bypassing Ink. Returns the mark that stands for it in the frame. */
import { createContext, useContext, useEffect, useMemo, useRef } from 'react';
import type { Canvas } from '../canvas.js';
import { drawPicture, type Painted } from '../drawing.js';
import type { CellArea } from '../layout.js';
import { LookContext } from '../look.js';
import { drawNative, isQuick } from '../native.js';

export const CanvasContext = createContext<Canvas | undefined>(undefined);

export interface Image {
  /** Shared by all versions of a picture: the previous one stays until the next is drawn. */
  name: string;
  /** The encoded image. */
  file: Uint8Array;
}

/** @param alone the picture is all there is on the screen, so that it may take its time */
export function usePicture(image: Image | undefined, { columns, rows }: CellArea, alone = false): string {
  const canvas = useContext(CanvasContext);
  const look = useContext(LookContext);
  const mark = useMemo(() => canvas?.mark() ?? '', [canvas]);
  const shown = useRef<Painted>(undefined);
  /** Counts what was removed: a drawing that was begun before is of no use. */
  const removals = useRef(0);
  const underWay = useRef<Promise<void>>(undefined);
  const name = image?.name;
  const file = image?.file;

  // Remove the old drawing: at another size it would cover its neighbours, and another picture would be wrong.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of any of these removes the drawing
  useEffect(
    () => () => {
      shown.current = undefined;
      removals.current++;
      canvas?.draw(mark, undefined);
    },
    [canvas, mark, name, columns, rows, look, alone],
  );
  useEffect(() => {
    if (!canvas || name === undefined || !file) return;
    let superseded = false;
    const before = underWay.current;
    const draw = async () => {
      // Drawing may take longer than the next version takes to come: what is begun is finished, what waits is not begun.
      await before;
      if (superseded) return;
      const removed = removals.current;
      const size = { columns, rows };
      const protocol = alone || isQuick(look.protocol) ? look.protocol : undefined;
      const painted = protocol ? undefined : await drawPicture(file, columns, rows, look, shown.current);
      const drawing = protocol ? await drawNative(file, size, look, protocol, mark.codePointAt(0)!) : painted;
      if (removed !== removals.current) return;
      shown.current = painted;
      canvas.draw(mark, drawing);
    };
    // A picture that cannot be drawn is left out; painting goes on.
    underWay.current = draw().catch(() => {});
    return () => {
      superseded = true;
    };
  }, [canvas, mark, name, file, columns, rows, look, alone]);
  return mark;
}
