/**
 * Debian's Chromium, for pages. Where it is not installed, tests that need it are skipped with a message, unless
 * STYLIZE_TUI_TEST_SERVERS names it.
 */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const path = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (!path && process.env.STYLIZE_TUI_TEST_SERVERS?.split(' ').includes('chromium'))
  throw new Error('chromium is not installed');
if (!path) process.stderr.write('Skipped: tests that need chromium, which is not installed.\n');

export const hasBrowser = path !== undefined;

/** Chromium's sandbox needs rights that containers do not give. */
export const launchBrowser = () => chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
