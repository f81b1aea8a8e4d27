/** A thumbnail of a file: undefined while loading, null where it cannot be read. */
import { useEffect, useState } from 'react';
import { type Thumbnail, thumbnailOf } from '../thumbnails.js';

export function useThumbnail(path: string, longestSide: number): Thumbnail | null | undefined {
  const [read, setRead] = useState<{ path: string; thumbnail: Thumbnail | null }>();
  useEffect(() => {
    let superseded = false;
    const take = (thumbnail: Thumbnail | null) => !superseded && setRead({ path, thumbnail });
    thumbnailOf(path, longestSide).then(take, () => take(null));
    return () => {
      superseded = true;
    };
  }, [path, longestSide]);
  return read?.path === path ? read.thumbnail : undefined;
}
