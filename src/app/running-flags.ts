/** Flags that control how the program runs and reports, independent of how pictures look. */
import type { EngineName } from '../engine/placement.js';
import type { ThemeName } from '../tui/theme.js';

export interface RunningFlags {
  engine: EngineName | 'auto';
  device: string[];
  slots?: number;
  threads?: number;
  /** Seconds to paint in. */
  within?: number;
  /** In bytes. */
  memory?: number;
  strictSize: boolean;
  stripLocation: boolean;
  json: boolean;
  quiet: boolean;
  tui: boolean;
  theme: ThemeName;
  notify: boolean;
  printIterations?: number;
  log?: string;
  health?: string;
}
