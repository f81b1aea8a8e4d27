/** What decides how the program runs and tells, whatever it paints. */
import type { EngineName } from '../engine/placement.js';
import type { ThemeName } from '../tui/theme.js';

export interface RunningFlags {
  engine: EngineName | 'auto';
  device: string[];
  slots?: number;
  threads?: number;
  /** Bytes. */
  memory?: number;
  strictSize: boolean;
  json: boolean;
  quiet: boolean;
  tui: boolean;
  theme: ThemeName;
  notify: boolean;
  printIterations?: number;
  log?: string;
  health?: string;
}
