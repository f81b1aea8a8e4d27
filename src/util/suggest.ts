/** The nearest known name for a mistyped one. */
import leven from 'leven';

/** The known name that was probably meant; undefined if none is near. */
export function closest(word: string, names: Iterable<string>): string | undefined {
  const given = word.toLowerCase();
  const most = Math.min(3, Math.ceil(given.length / 4));
  const ranked = [...names]
    .map((name) => ({ name, distance: leven(given, name.toLowerCase(), { maxDistance: most + 1 }) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance);
  if (ranked.length > 0) return ranked[0].name;
  const begun = given.length > 1 ? [...names].filter((name) => name.toLowerCase().startsWith(given)) : [];
  return begun.length === 1 ? begun[0] : undefined;
}

/** " Did you mean draft?", to append to a sentence; empty if no known name is near. */
export function didYouMean(word: string, names: Iterable<string>): string {
  const name = closest(word, names);
  return name === undefined ? '' : ` Did you mean ${name}?`;
}
