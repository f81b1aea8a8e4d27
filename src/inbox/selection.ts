/** Which files of an inbox count, by --include and --exclude. */
import { sep } from 'node:path';
import picomatch from 'picomatch';

export interface SelectionOptions {
  /**
   * Patterns of the photos to take, all if there are none; a pattern that names a system folder or a hidden file, such as
   * @eaDir, takes in that one besides.
   */
  include?: readonly string[];
  /** Patterns of what is left out; these count more. */
  exclude?: readonly string[];
}

/** Folders in which network storage, operating systems and archives keep thumbnails, trash and snapshots. */
const ofSystems = new Set(
  ['@eaDir', '#recycle', '@Recycle', '$RECYCLE.BIN', '@Recently-Snapshot', '.@__thumb', '.Trashes'].concat([
    'lost+found',
    '__MACOSX',
  ]),
);

/** Hidden files, and temporary files of browsers, editors and copying programs. */
const unfinished = /^[.~]|\.(part|crdownload|tmp)$/i;

const isSpecial = (name: string) => ofSystems.has(name) || unfinished.test(name);

/**
 * Patterns are globs, matched against the path relative to the inbox; one without a slash is matched against each name on it. A
 * folder that matches counts with all that is in it. Upper and lower case are the same, as cameras write .JPG.
 */
export class Selection {
  /** The names that patterns mention, of which special ones count nevertheless. */
  private readonly named: ReadonlySet<string>;
  private readonly takes: ((path: string) => boolean) | undefined;
  private readonly takesSpecial: (path: string) => boolean;
  private readonly leavesOut: (path: string) => boolean;

  constructor({ include = [], exclude = [] }: SelectionOptions) {
    const partsOf = (pattern: string) => pattern.split('/');
    const [special, usual] = [true, false].map((wanted) =>
      include.filter((pattern) => partsOf(pattern).some(isSpecial) === wanted),
    );
    this.named = new Set(special.flatMap(partsOf));
    this.takes = usual.length > 0 ? matcher(usual) : undefined;
    this.takesSpecial = matcher(special);
    this.leavesOut = matcher(exclude);
  }

  /** Whether an entry is ignored silently: a system folder, or a hidden or unfinished file. */
  ignores(name: string): boolean {
    return isSpecial(name) && !this.named.has(name);
  }

  /** Whether a folder is not looked into; its path is relative to the inbox. */
  leavesOutFolder(path: string): boolean {
    return this.leavesOut(path);
  }

  /** Whether a photo is taken; its path is relative to the inbox. */
  takesFile(path: string): boolean {
    if (this.leavesOut(path)) return false;
    if (path.split(sep).some(isSpecial)) return this.takesSpecial(path);
    return this.takes?.(path) ?? true;
  }
}

/** Whether a path or a folder above it matches one of the patterns. */
function matcher(patterns: readonly string[]): (path: string) => boolean {
  const matches = patterns.map((pattern) => {
    // A slash at the beginning says that it is in the inbox itself, one at the end that it is a folder.
    const glob = pattern.replace(/^\.?\//, '').replace(/\/$/, '');
    const basename = !pattern.slice(0, -1).includes('/');
    return picomatch(glob, { dot: true, nocase: true, nonegate: true, basename });
  });
  return (path) => {
    const names = path.split(sep);
    const paths = names.map((_, i) => names.slice(0, i + 1).join('/'));
    return paths.some((each) => matches.some((isMatch) => isMatch(each)));
  };
}
