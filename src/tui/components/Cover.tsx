/** What takes the place of picture and queue: the help, styles to choose from, a job's details, the queue, the log. */
import type { CellArea } from '../layout.js';
import type { ScreenState } from '../state.js';
import { Details } from './Details.js';
import { Help } from './Help.js';
import { Log } from './Log.js';
import { Picker } from './Picker.js';
import { QueuePane } from './QueuePane.js';

export function Cover({ state, columns, rows }: { state: ScreenState } & CellArea) {
  const { modal, pane, log, view } = state;
  const room = { columns, rows };
  if (modal?.kind === 'help') return <Help {...modal} {...room} />;
  if (modal?.kind === 'styles') return <Picker {...modal} {...room} />;
  if (modal?.kind === 'details') return <Details {...modal} {...room} />;
  if (pane === 'queue') return <QueuePane state={state} {...room} />;
  return <Log lines={log} {...room} heading="What happened" back={view.back} />;
}
