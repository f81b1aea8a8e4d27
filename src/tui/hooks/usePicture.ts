/** Draws a picture on the canvas, bypassing Ink. Returns the mark that stands for it in the frame. */
import { createContext, useContext, useEffect, useMemo, useRef } from 'react';
import type { Canvas } from '../canvas.js';
import { drawPicture, type Painted } from '../drawing.js';
import type { CellArea } from '../layout.js';
import { LookContext } from '../look.js';
import { drawNative, type Protocol } from '../native.js';

export const CanvasContext = createContext<Canvas | undefined>(undefined);

export interface Image {
  /** Shared by all versions of a picture: the previous one stays until the next is drawn. */
  name: string;
  /** The encoded image. */
  file: Uint8Array;
}

export function usePicture(
  image: Image | undefined,
  { columns, rows }: CellArea,
  protocol?: Protocol,
): string {
  const canvas = useContext(CanvasContext);
  const look = useContext(LookContext);
  const mark = useMemo(() => canvas?.mark() ?? '', [canvas]);
  const shown = useRef<Painted>(undefined);
  const name = image?.name;
  const file = image?.file;

  // Remove the old drawing: at another size it would cover its neighbours, and another picture would be wrong.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of any of these removes the drawing
  useEffect(
    () => () => {
      shown.current = undefined;
      canvas?.draw(mark, undefined);
    },
    [canvas, mark, name, columns, rows, look, protocol],
  );
  useEffect(() => {
    if (!canvas || name === undefined || !file) return;
    let superseded = false;
    const draw = async () => {
      const before = shown.current;
      const painted = protocol ? undefined : await drawPicture(file, columns, rows, look, before);
      const drawing = protocol ? await drawNative(file, columns, rows, protocol) : painted;
      if (superseded) return;
      shown.current = painted;
      canvas.draw(mark, drawing);
    };
    draw().catch(() => {}); // a picture that cannot be drawn is left out; painting goes on
    return () => {
      superseded = true;
    };
  }, [canvas, mark, name, file, columns, rows, look, protocol]);
  return mark;
}
