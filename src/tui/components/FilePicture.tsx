/** A picture from a file: the photo, a style or a painting. */
import { useContext, useMemo } from 'react';
import { useThumbnail } from '../hooks/useThumbnail.js';
import type { CellArea } from '../layout.js';
import { LookContext } from '../look.js';
import { Picture } from './Picture.js';

interface Props {
  path: string;
  caption?: string;
  area: CellArea;
  /** Nothing else is shown: a terminal that draws pictures itself gets it in pixels, which is read at a larger size. */
  alone?: boolean;
}

/** Pixels of the longer side: more than there are in most terminals as blocks, and as pictures. */
const [usualSide, largeSide] = [480, 1600];

export function FilePicture({ path, caption, area, alone = false }: Props) {
  const { protocol } = useContext(LookContext);
  const thumbnail = useThumbnail(path, alone && protocol ? largeSide : usualSide);
  const image = useMemo(() => thumbnail && { name: path, file: thumbnail.png }, [path, thumbnail]);
  const { width, height } = thumbnail ?? { width: 1, height: 1 };
  const missing = thumbnail === null ? 'cannot be read' : '';
  return <Picture image={image ?? undefined} {...{ width, height, area, caption, missing, alone }} />;
}
