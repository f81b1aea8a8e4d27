/** Opens the screen on the terminal and gives it back: alternate screen, cursor and window title on every way out. */
import { render } from 'ink';
import type { PaintEvent, Preview } from '../jobs/events.js';
import { sum } from '../transfer/losses.js';
import { App } from './App.js';
import { printable } from './format.js';
import { detectLook, LookContext } from './look.js';
import type { Outlets } from './outlets.js';
import type { Painting } from './painting.js';
import { Store } from './store.js';

export interface ScreenOptions extends Outlets {
  /** What the program is at, for the first line. */
  title: string;
}

export interface Screen {
  event(event: PaintEvent): void;
  preview(preview: Preview): void;
  /** A line for the person. */
  message(text: string): void;
  /** Puts the terminal back as it was. May be called twice. */
  close(): void;
}

const enter = '\x1b[?1049h\x1b[H';
const leave = '\x1b[?1049l\x1b[?25h';
const windowTitle = (text: string) => `\x1b]2;${printable(text)}\x07`;

/** Needs a terminal on both stdin and stdout. */
export function openScreen({ title, ...outlets }: ScreenOptions): Screen {
  const store = new Store();
  process.stdout.write(enter + windowTitle('stylize-tui'));
  const app = render(
    <LookContext.Provider value={detectLook()}>
      <App store={store} title={title} outlets={outlets} />
    </LookContext.Provider>,
    { exitOnCtrlC: false, maxFps: 20, patchConsole: false },
  );
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    app.unmount();
    process.stdout.write(windowTitle('') + leave);
    process.off('exit', close);
  };
  process.on('exit', close);

  let shownTitle = '';
  return {
    event: (event) => {
      store.tell({ type: 'event', event });
      const title = titleFor(event, store.get().paintings) ?? shownTitle;
      if (title !== shownTitle) process.stdout.write(windowTitle(title));
      shownTitle = title;
    },
    preview: (preview) => store.tell({ type: 'preview', preview }),
    message: (text) => store.tell({ type: 'message', text }),
    close,
  };
}

/** What the window's title says after an event: how far all pictures under way are. Undefined where it stays. */
export function titleFor(event: PaintEvent, paintings: readonly Painting[]): string | undefined {
  if (event.event === 'idle') return 'stylize-tui';
  if (event.event !== 'iteration') return undefined;
  const shares = paintings.map(({ iteration, iterations }) => (100 * iteration) / iterations);
  return `${Math.floor(sum(shares) / shares.length)} % - stylize-tui`;
}
