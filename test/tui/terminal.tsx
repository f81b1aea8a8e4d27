import { EventEmitter } from 'node:events';
import chalk from 'chalk';
import { render } from 'ink';
import { pathChoices } from '../../src/app/style-choices.js';
import type { JobRecord } from '../../src/queue/job.js';
import type { PaintEvent, Preview } from '../../src/render/events.js';
import type { Control } from '../../src/render/messages.js';
import { App } from '../../src/tui/App.js';
import { Canvas } from '../../src/tui/canvas.js';
import { CanvasContext } from '../../src/tui/hooks/usePicture.js';
import { type Look, LookContext } from '../../src/tui/look.js';
import type { Choice, ScreenActions } from '../../src/tui/screen-actions.js';
import { Store } from '../../src/tui/store.js';
import { themes } from '../../src/tui/theme.js';
import { type Glyphs, unicode } from '../../src/util/format.js';
import { Emulator } from './emulator.js';
import { losses } from './events.js';

export const plainLook: Look = {
  glyphs: unicode,
  theme: themes.dark,
  colors: 0,
  bright: false,
  cellHeight: 2,
};

/** A fake terminal: emulates what is written to it, and counts the characters. */
export function fakeTerminal(columns: number, rows: number) {
  const emulator = new Emulator(columns, rows);
  const terminal = Object.assign(new EventEmitter(), {
    columns,
    rows,
    isTTY: true,
    written: 0,
    emulator,
    /** What tmux would hand on to its terminal. */
    passed: [] as string[],
    write(text: string) {
      terminal.written += text.length;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
      const rest = text.replace(/\x1bPtmux;((?:[^\x1b]|\x1b\x1b)*)\x1b\\/g, (_, passed: string) => {
        terminal.passed.push(passed);
        return '';
      });
      emulator.write(rest);
      return true;
    },
    resize(columns: number, rows: number) {
      Object.assign(terminal, { columns, rows });
      emulator.resize(columns, rows);
      terminal.emit('resize');
    },
  });
  return terminal;
}

/** The record of every job in these tests. */
const record: JobRecord = {
  id: 1,
  status: 'failed',
  source: '/in/photo-1.jpg',
  output: null,
  reason: 'it is empty',
  attempts: 2,
  seconds: 61,
  queuedAt: '2026-01-01T00:00:00Z',
  startedAt: null,
  finishedAt: null,
  sourceHash: '',
  settingsHash: '',
  losses,
  followUps: [],
};
export const choices: Choice[] = [
  {
    name: 'great-wave',
    kind: 'preset',
    settings: { styles: ['/s/great-wave.jpg'], styleWeight: 9000 },
    about: 'style weight 9000',
  },
  {
    name: 'the-scream',
    kind: 'painting',
    settings: { styles: ['/s/the-scream.jpg'] },
    about: 'Edvard Munch',
    picture: '/s/the-scream.jpg',
  },
];

/** Renders the screen on a fake terminal. */
export function show(
  columns: number,
  rows: number,
  glyphs: Glyphs = unicode,
  changes: Partial<Look> = {},
  isScreenReaderEnabled = false,
  /** Milliseconds for which an action can be taken back; by default longer than any test. */
  grace = 600_000,
  resumes = true,
) {
  const terminal = fakeTerminal(columns, rows);
  // terminal-image reads the size from the real stdout, and the color level from chalk.
  Object.assign(process.stdout, { columns, rows });
  chalk.level = changes.colors ?? plainLook.colors;
  const canvas = new Canvas(terminal as unknown as NodeJS.WriteStream);
  const stdin = Object.assign(new EventEmitter(), {
    isTTY: true,
    pending: [] as string[],
    setRawMode() {},
    setEncoding() {},
    ref() {},
    unref() {},
    read: () => stdin.pending.shift() ?? null,
  });
  const store = new Store(undefined, grace);
  const sent: (Control & { job: number })[] = [];
  const quits: string[] = [];
  const asked: unknown[][] = [];
  /** How the records of single jobs differ. */
  const records = new Map<number, Partial<JobRecord>>();
  const ask =
    (...what: unknown[]) =>
    (...more: unknown[]): void =>
      void asked.push([...what, ...more]);
  const later =
    (...what: unknown[]) =>
    async (...more: unknown[]) =>
      void asked.push([...what, ...more]);
  const actions: ScreenActions = {
    gallery: 'http://192.0.2.17:8734/abcdefghijklmnop/',
    open: later('open'),
    copy: later('copy'),
    queue: {
      add: later('add'),
      move: ask('move'),
      drop: ask('drop'),
      hold: ask('hold'),
      retry: later('retry'),
      record: (job) => ({ ...record, ...records.get(job), id: job }),
      follow: later('follow like'),
    },
    styles: {
      choices: async () => choices,
      paths: async (text) => pathChoices(text),
      repaint: later('repaint'),
      follow: later('follow'),
    },
    control: (job: number, message: Control) => sent.push({ ...message, job }),
    resumes,
    onQuit: (how) => quits.push(how),
    onInterrupt: () => quits.push('^C'),
  };
  const app = render(
    <LookContext.Provider value={{ ...plainLook, glyphs, ...changes }}>
      <CanvasContext.Provider value={canvas}>
        <App store={store} title="watch in → out" actions={actions} />
      </CanvasContext.Provider>
    </LookContext.Provider>,
    {
      stdout: canvas as unknown as NodeJS.WriteStream,
      stdin: stdin as unknown as NodeJS.ReadStream,
      debug: true,
      isScreenReaderEnabled,
      exitOnCtrlC: false,
      patchConsole: false,
    },
  );
  const settle = () => new Promise((resolve) => setTimeout(resolve, 60));
  const type = (keys: string) => {
    stdin.pending.push(keys);
    stdin.emit('readable');
  };
  const press = async (keys: string) => {
    type(keys);
    await settle();
  };
  const tell = async (...events: PaintEvent[]) => {
    for (const event of events) store.act({ type: 'event', event });
    await settle();
  };
  const lines = () => {
    canvas.flush();
    const all = terminal.emulator.text();
    while (all.at(-1) === '') all.pop();
    return all;
  };
  return {
    tell,
    press,
    type,
    sent,
    asked,
    records,
    actions,
    quits,
    lines,
    preview: (preview: Preview) => store.act({ type: 'preview', preview }),
    resize: async (columns: number, rows: number) => {
      terminal.resize(columns, rows);
      await settle();
    },
    /** Waits until the screen matches. */
    until: async (pattern: RegExp) => {
      for (let tries = 0; !pattern.test(lines().join('\n')); tries++) {
        if (tries > 200) throw new Error(`no ${pattern} in\n${lines().join('\n')}`);
        await settle();
      }
    },
    /** The screen with colors. */
    painted: () => {
      canvas.flush();
      return terminal.emulator.painted();
    },
    store,
    terminal,
    close: () => app.unmount(),
  };
}
