import { EventEmitter } from 'node:events';
import { render } from 'ink';
import type { Control, PaintEvent } from '../../src/jobs/events.js';
import { App } from '../../src/tui/App.js';
import { unicode } from '../../src/tui/format.js';
import { LookContext } from '../../src/tui/look.js';
import { Store } from '../../src/tui/store.js';

/** The screen on a terminal that is not there. */
export function show(columns: number, rows: number, glyphs = unicode) {
  const stdout = Object.assign(new EventEmitter(), {
    columns,
    rows,
    isTTY: true,
    last: '',
    write: (_: string) => true,
  });
  stdout.write = (text) => {
    stdout.last = text;
    return true;
  };
  const stdin = Object.assign(new EventEmitter(), {
    isTTY: true,
    pending: [] as string[],
    setRawMode() {},
    setEncoding() {},
    ref() {},
    unref() {},
    read: () => stdin.pending.shift() ?? null,
  });
  const store = new Store();
  const sent: (Control & { job: number })[] = [];
  const quits: string[] = [];
  const outlets = {
    control: (job: number, message: Control) => sent.push({ ...message, job }),
    onQuit: () => quits.push('q'),
    onInterrupt: () => quits.push('^C'),
  };
  const app = render(
    <LookContext.Provider value={{ glyphs, colours: false }}>
      <App store={store} title="watch in → out" outlets={outlets} />
    </LookContext.Provider>,
    {
      stdout: stdout as unknown as NodeJS.WriteStream,
      stdin: stdin as unknown as NodeJS.ReadStream,
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    },
  );
  const settle = () => new Promise((resolve) => setTimeout(resolve, 60));
  const press = async (keys: string) => {
    stdin.pending.push(keys);
    stdin.emit('readable');
    await settle();
  };
  const tell = async (...events: PaintEvent[]) => {
    for (const event of events) store.act({ type: 'event', event });
    await settle();
  };
  return { tell, press, sent, quits, lines: () => stdout.last.split('\n'), close: () => app.unmount() };
}
