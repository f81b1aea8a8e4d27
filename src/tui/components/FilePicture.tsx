/** A picture from a file: the photo, a style or a painting. */
import { useMemo } from 'react';
import { useThumbnail } from '../hooks/useThumbnail.js';
import type { CellArea } from '../layout.js';
import type { Protocol } from '../native.js';
import { Picture } from './Picture.js';

interface Props {
  path: string;
  caption?: string;
  area: CellArea;
  /** Of a terminal that draws pictures itself, which are then read at a larger size. */
  protocol?: Protocol;
}

/** Pixels of the longer side: more than there are in most terminals as blocks, and as pictures. */
const [usualSide, largeSide] = [480, 1600];

export function FilePicture({ path, caption, area, protocol }: Props) {
  const thumbnail = useThumbnail(path, protocol ? largeSide : usualSide);
  const image = useMemo(() => thumbnail && { name: path, file: thumbnail.png }, [path, thumbnail]);
  const { width, height } = thumbnail ?? { width: 1, height: 1 };
  const missing = thumbnail === null ? 'cannot be read' : '';
  return <Picture image={image ?? undefined} {...{ width, height, area, caption, missing, protocol }} />;
}
