/** A picture from a file: the photo or a style. */
import { useMemo } from 'react';
import { useThumbnail } from '../hooks/useThumbnail.js';
import type { CellArea } from '../layout.js';
import { Picture } from './Picture.js';

export function FilePicture({ path, caption, area }: { path: string; caption?: string; area: CellArea }) {
  const thumbnail = useThumbnail(path);
  const image = useMemo(() => thumbnail && { name: path, file: thumbnail.png }, [path, thumbnail]);
  const { width, height } = thumbnail ?? { width: 1, height: 1 };
  const missing = thumbnail === null ? 'cannot be read' : '';
  return <Picture image={image ?? undefined} {...{ width, height, area, caption, missing }} />;
}
