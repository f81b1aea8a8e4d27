import type { Reporter, ReporterOptions } from '../cli/reporters/reporter.js';
export function openScreen(_options: ReporterOptions): Reporter { throw new Error('not yet'); }
