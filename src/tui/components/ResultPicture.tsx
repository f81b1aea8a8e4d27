/** The current state of the painting. */
import { useMemo } from 'react';
import type { CellArea } from '../layout.js';
import type { Painting } from '../painting.js';
import { Picture } from './Picture.js';

interface Props {
  painting: Painting;
  area: CellArea;
  caption?: string;
  alone?: boolean;
}

export function ResultPicture({ painting, ...given }: Props) {
  const { preview, job, width, height } = painting;
  const image = useMemo(() => preview && { name: `result ${job}`, file: preview.png }, [preview, job]);
  return <Picture image={image} width={width} height={height} missing="no picture yet" {...given} />;
}
