#!/usr/bin/env node
// The door: settles what must be settled before any module is loaded, then opens.

import { homedir, tmpdir } from 'node:os';
import { setFlagsFromString } from 'node:v8';

// React's development build keeps an entry per render and runs out of memory in days.
process.env.NODE_ENV = 'production';

// What the screen leaves is collected before it doubles the memory: over weeks that counts more than a little time.
setFlagsFromString('--heap-growing-percent=30');

// A service may have no home; folders of settings, caches and engines need one.
try {
  homedir();
} catch {
  process.env.HOME = tmpdir();
}

// ONNX Runtime comes with telemetry that is on unless told otherwise. What people paint is nobody's business.
process.env.ORT_DISABLE_TELEMETRY = '1';

// chalk, which Ink colors with, knows FORCE_COLOR and not NO_COLOR.
const args = process.argv.slice(2);
const at = args.findIndex((arg) => arg === '--color' || arg.startsWith('--color='));
const color = at < 0 ? 'auto' : args[at].includes('=') ? args[at].split('=')[1] : args[at + 1];
if (color === 'never' || (color !== 'always' && process.env.NO_COLOR)) process.env.FORCE_COLOR = '0';
else if (color === 'always' && !process.env.FORCE_COLOR) process.env.FORCE_COLOR = '3';

const { main } = await import('../dist/cli/main.js');
await main(args);
