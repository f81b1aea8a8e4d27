/** Draws a picture beside Ink, on the canvas: returns the mark that stands for it in the frame. */
import { createContext, useContext, useEffect, useMemo, useRef } from 'react';
import type { Canvas } from '../canvas.js';
import { drawPicture, type Painted } from '../drawing.js';
import type { CellArea } from '../layout.js';
import { LookContext } from '../look.js';
import { drawNative, type Protocol } from '../native.js';

export const CanvasContext = createContext<Canvas | undefined>(undefined);

export interface Image {
  /** Of one name are all looks of the same picture: the one before stays until the next is drawn. */
  name: string;
  /** A whole image file. */
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

  // A drawing of another size would cover its neighbours; one of another picture would lie.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what makes it go
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
    draw().catch(() => {}); // a picture that cannot be drawn is left out; the painting itself is not touched
    return () => {
      superseded = true;
    };
  }, [canvas, mark, name, file, columns, rows, look, protocol]);
  return mark;
}
