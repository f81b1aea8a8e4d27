/** What replaces picture and queue: help, style picker, one picture of the queue, the whole queue, or the log. */
import type { CellArea } from '../layout.js';
import { shown } from '../painting.js';
import type { ScreenState } from '../state.js';
import { Help } from './Help.js';
import { Log } from './Log.js';
import { Picker } from './Picker.js';
import { QueuePane } from './QueuePane.js';
import { Viewer } from './Viewer.js';

export function Cover({ state, columns, rows }: { state: ScreenState } & CellArea) {
  const { modal, pane, log, view, paintings } = state;
  const area = { columns, rows };
  if (modal?.kind === 'help') return <Help {...modal} {...area} />;
  if (modal?.kind === 'styles') return <Picker {...modal} painting={shown(state)} {...area} />;
  if (modal?.kind === 'viewer') {
    const painting = paintings.find(({ job }) => job === modal.record.id);
    return <Viewer {...modal} painting={painting} {...area} />;
  }
  if (pane === 'queue') return <QueuePane state={state} {...area} />;
  return <Log lines={log} {...area} heading="What happened" back={view.back} />;
}
