/** Opens the screen on the terminal and gives it back: alternate screen, cursor and window title on every way out. */
import { render } from 'ink';
import type { PaintEvent, Preview } from '../queue/events.js';
import { App } from './App.js';
import { Canvas } from './canvas.js';
import { CanvasContext } from './hooks/usePicture.js';
import { detectLook, LookContext } from './look.js';
import type { ScreenActions } from './screen-actions.js';
import type { ScreenChange } from './state.js';
import { Store } from './store.js';
import { mindStops } from './suspend.js';
import { askTerminal } from './terminal.js';
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
  /** What the program is at, for the first line. */
  title: string;
  theme: ThemeName;
  /** Tell by bell and notification when all is done. */
  notify: boolean;
}

export interface Screen {
  event(event: PaintEvent): void;
  preview(preview: Preview): void;
  /** A line for the person. */
  message(text: string): void;
  /** Puts the terminal back as it was. May be called twice. */
  close(): void;
}

const enter = '\x1b[?1049h\x1b[?25l\x1b[H';
const leave = '\x1b[0m\x1b[?1049l\x1b[?25h';

/** Milliseconds between two texts for a screen reader, which reads out each. */
const speakEvery = 10_000;

/** Needs a terminal on both stdin and stdout. */
export async function openScreen({ title, theme, notify, ...actions }: ScreenOptions): Promise<Screen> {
  const spoken = process.env.INK_SCREEN_READER === 'true';
  const store = spoken ? new Store(speakEvery) : new Store();
  const facts = spoken ? {} : await askTerminal();
  const { stdin, stdout } = process;
  const canvas = spoken ? undefined : new Canvas(stdout);
  const begin = keepTitle + (canvas ? enter : '') + windowTitle('stylize-tui');
  const finish = windowTitle('') + restoreTitle + (canvas ? leave : '');
  stdout.write(begin);
  const app = render(
    <LookContext.Provider value={detectLook(process.env, theme, facts)}>
      <CanvasContext.Provider value={canvas}>
        <App store={store} title={title} actions={actions} />
      </CanvasContext.Provider>
    </LookContext.Provider>,
    {
      // Whole frames, as soon as there is one: the canvas finds out what has changed.
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
  const ignoreStops = mindStops({
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
  return {
    event: (event) => {
      tell({ type: 'event', event });
      const title = titleFor(event, store.get().paintings) ?? shownTitle;
      if (title !== shownTitle) stdout.write(windowTitle(title));
      shownTitle = title;
    },
    preview: (preview) => tell({ type: 'preview', preview }),
    message: (text) => tell({ type: 'message', text, time: new Date().toISOString() }),
    close,
  };
}
