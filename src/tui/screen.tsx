/** Opens the screen, and restores the terminal (alternate screen, cursor, window title) however the program exits. */
import { render } from 'ink';
import type { PaintEvent, Preview } from '../render/events.js';
import { App } from './App.js';
import { Canvas } from './canvas.js';
import { readKeys } from './chosen-keys.js';
import { CanvasContext } from './hooks/usePicture.js';
import type { Inbox } from './inboxes.js';
import { setBindings } from './keymap.js';
import { detectLook, LookContext, type TerminalFacts } from './look.js';
import { endPasteMode, startPasteMode } from './paste.js';
import type { ScreenActions } from './screen-actions.js';
import type { ScreenChange } from './state.js';
import { Store } from './store.js';
import { handleStops } from './suspend.js';
import { askTerminal, askTmux, endFocusMode, handsOnPictures, startFocusMode } from './terminal.js';
import {
  allDone,
  keepTitle,
  notification,
  restoreTitle,
  summary,
  titleFor,
  windowTitle,
} from './terminal-title.js';
import type { ThemeName } from './theme.js';

export interface ScreenOptions extends ScreenActions {
  /** What the program is doing, for the first line. */
  title: string;
  /** The inboxes, if there are several. */
  inboxes?: readonly Inbox[];
  theme: ThemeName;
  /** Ring the bell and send a notification when everything is done. */
  notify: boolean;
  /** How many frames a sequence has, if that is known. */
  frames?: number;
}

export interface Screen {
  event(event: PaintEvent): void;
  preview(preview: Preview): void;
  /** Shows a message. */
  message(text: string): void;
  /** Restores the terminal. May be called twice. */
  close(): void;
}

const enter = '\x1b[?1049h\x1b[?25l\x1b[H';
const leave = '\x1b[0m\x1b[?1049l\x1b[?25h';

/** Milliseconds between two updates for a screen reader, which reads out each one. */
const speakEvery = 10_000;

/** Needs stdin and stdout to be terminals. */
export async function openScreen(options: ScreenOptions): Promise<Screen> {
  const { title, inboxes = [], frames, theme, notify, ...actions } = options;
  const spoken = process.env.INK_SCREEN_READER === 'true';
  const store = spoken ? new Store(speakEvery) : new Store();
  store.act({ type: 'inboxes', inboxes });
  const facts: TerminalFacts = spoken
    ? {}
    : { ...(await askTerminal()), placeholders: handsOnPictures(await askTmux()) };
  const keys = await readKeys();
  setBindings(keys.bindings);
  const look = detectLook(process.env, theme, facts);
  // Behind tmux there may be another terminal by then, or the same after others have drawn on it.
  const [startFocus, endFocus] = look.protocol === 'placeholders' ? [startFocusMode, endFocusMode] : ['', ''];
  const { stdin, stdout } = process;
  const canvas = spoken ? undefined : new Canvas(stdout, facts.synchronized);
  const begin = keepTitle + startPasteMode + startFocus + (canvas ? enter : '') + windowTitle('stylize-tui');
  const finish = endPasteMode + endFocus + windowTitle('') + restoreTitle + (canvas ? leave : '');
  stdout.write(begin);
  const app = render(
    <LookContext.Provider value={look}>
      <CanvasContext.Provider value={canvas}>
        <App store={store} title={title} actions={actions} />
      </CanvasContext.Provider>
    </LookContext.Provider>,
    {
      // debug writes every frame whole and at once; the canvas works out what changed.
      ...(canvas && { stdout: canvas as unknown as NodeJS.WriteStream, debug: true }),
      exitOnCtrlC: false,
      patchConsole: false,
    },
  );
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    ignoreStops();
    canvas?.close();
    app.unmount();
    stdout.write(finish);
    process.off('exit', close);
  };
  process.on('exit', close);
  const ignoreStops = handleStops({
    giveBack: () => {
      canvas?.rest();
      stdin.setRawMode(false);
      stdout.write(finish);
    },
    take: () => {
      stdin.setRawMode(true);
      stdout.write(begin);
      canvas?.resume();
    },
  });

  let shownTitle = '';
  const tell = (change: ScreenChange) => {
    const before = store.get();
    store.tell(change);
    if (notify && open && allDone(before, store.get())) stdout.write(notification(summary(store.get())));
  };
  const message = (text: string) => tell({ type: 'message', text, time: new Date().toISOString() });
  tell({ type: 'frames', frames });
  for (const problem of keys.problems) message(problem);
  return {
    event: (event) => {
      tell({ type: 'event', event });
      // A paused picture that starts over with another style stays paused.
      if (
        event.event === 'started' &&
        store.get().paintings.some(({ job, paused }) => job === event.job && paused)
      )
        actions.control(event.job, { type: 'pause' });
      const title = titleFor(event, store.get().paintings) ?? shownTitle;
      if (title !== shownTitle) stdout.write(windowTitle(title));
      shownTitle = title;
    },
    preview: (preview) => tell({ type: 'preview', preview }),
    message,
    close,
  };
}
