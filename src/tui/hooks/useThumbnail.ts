/** A thumbnail of a file: undefined while loading, null where it cannot be read. */
import { useEffect, useState } from 'react';
import { type Thumbnail, thumbnailOf } from '../thumbnails.js';

export function useThumbnail(path: string): Thumbnail | null | undefined {
  const [read, setRead] = useState<{ path: string; thumbnail: Thumbnail | null }>();
  useEffect(() => {
    let superseded = false;
    const take = (thumbnail: Thumbnail | null) => !superseded && setRead({ path, thumbnail });
    thumbnailOf(path).then(take, () => take(null));
    return () => {
      superseded = true;
    };
  }, [path]);
  return read?.path === path ? read.thumbnail : undefined;
}
