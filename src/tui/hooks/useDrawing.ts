/** The latest preview as text of a given size; the one before stays until the new one is drawn. */
import { useContext, useEffect, useState } from 'react';
import type { Preview } from '../../jobs/events.js';
import { drawPicture } from '../drawing.js';
import { LookContext } from '../look.js';

export interface Drawing {
  text: string;
  columns: number;
  rows: number;
  job: number;
}

export function useDrawing(preview: Preview | undefined, columns: number, rows: number): Drawing | undefined {
  const look = useContext(LookContext);
  const [drawing, setDrawing] = useState<Drawing>();
  useEffect(() => {
    if (!preview) return;
    let superseded = false;
    const draw = async () => {
      const text = await drawPicture(preview.png, columns, rows, look);
      if (!superseded) setDrawing({ text, columns, rows, job: preview.job });
    };
    draw().catch(() => {}); // a picture that cannot be drawn is left out; the painting itself is not touched
    return () => {
      superseded = true;
    };
  }, [preview, columns, rows, look]);
  // A drawing of another size would break the frame; one of another picture would lie.
  return drawing?.columns === columns && drawing.rows === rows && drawing.job === preview?.job
    ? drawing
    : undefined;
}
