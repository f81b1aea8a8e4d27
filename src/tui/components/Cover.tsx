/** What takes the place of picture and queue: the help, styles to choose from, a job's details, the queue, the log. */
import type { CellArea } from '../layout.js';
import type { ScreenState } from '../state.js';
import { Details } from './Details.js';
import { Help } from './Help.js';
import { Log } from './Log.js';
import { Picker } from './Picker.js';
import { QueuePane } from './QueuePane.js';

export function Cover({ state, columns, rows }: { state: ScreenState } & CellArea) {
  const { over, pane, log, view } = state;
  const room = { columns, rows };
  if (over?.kind === 'help') return <Help {...over} {...room} />;
  if (over?.kind === 'styles') return <Picker {...over} {...room} />;
  if (over?.kind === 'details') return <Details {...over} {...room} />;
  if (pane === 'queue') return <QueuePane state={state} {...room} />;
  return <Log lines={log} {...room} heading="What happened" back={view.back} />;
}
