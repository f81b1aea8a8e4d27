/** The recipe in a painting, and the presets that it agrees with; undefined while loading and where there is none. */
import { useEffect, useState } from 'react';
import { examine } from '../../examine/examiner.js';
import { presetsIn } from '../../settings/presets.js';
import type { KnownRecipe } from '../details.js';

export function useRecipe(path: string | null): KnownRecipe | undefined {
  const [read, setRead] = useState<{ path: string; recipe: KnownRecipe }>();
  useEffect(() => {
    if (path === null) return;
    let superseded = false;
    const load = async () => {
      const provenance = await examine('provenance', { path });
      const recipe = { provenance, presets: await presetsIn(provenance.settings) };
      if (!superseded) setRead({ path, recipe });
    };
    load().catch(() => {}); // its metadata was stripped, or it is gone
    return () => {
      superseded = true;
    };
  }, [path]);
  return read?.path === path ? read.recipe : undefined;
}
