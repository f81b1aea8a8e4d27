/** What replaces picture and queue: help, style picker, job details, the whole queue, or the log. */
import type { CellArea } from '../layout.js';
import type { ScreenState } from '../state.js';
import { Details } from './Details.js';
import { Help } from './Help.js';
import { Log } from './Log.js';
import { Picker } from './Picker.js';
import { QueuePane } from './QueuePane.js';

export function Cover({ state, columns, rows }: { state: ScreenState } & CellArea) {
  const { modal, pane, log, view } = state;
  const area = { columns, rows };
  if (modal?.kind === 'help') return <Help {...modal} {...area} />;
  if (modal?.kind === 'styles') return <Picker {...modal} {...area} />;
  if (modal?.kind === 'details') return <Details {...modal} {...area} />;
  if (pane === 'queue') return <QueuePane state={state} {...area} />;
  return <Log lines={log} {...area} heading="What happened" back={view.back} />;
}
