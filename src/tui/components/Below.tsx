/** The slots, then the queue, with losses and log beside it where there is room. */
import { Box } from 'ink';
import type { Layout } from '../layout.js';
import type { Painting } from '../painting.js';
import type { ScreenState } from '../state.js';
import { Log } from './Log.js';
import { LossPane } from './PaintingView.js';
import { Queue } from './Queue.js';
import { Slots } from './Slots.js';

export function Below({ state, shown, layout }: { state: ScreenState; shown?: Painting; layout: Layout }) {
  const { arrangement, columns, slots, queue, losses, log, history } = layout;
  return (
    <>
      {slots > 0 && <Slots {...state} shown={shown} columns={columns} rows={slots} />}
      {arrangement === 'gallery' ? (
        <Box width={columns} height={queue.rows} flexShrink={0} justifyContent="space-between">
          {shown ? (
            <LossPane painting={shown} table={state.view.table} layout={layout} />
          ) : (
            <Box width={losses.columns} flexShrink={0} />
          )}
          <Queue {...state} {...queue} history={history} />
          {log > 0 && <Log lines={state.log} columns={log} rows={queue.rows} heading="what happened" />}
        </Box>
      ) : (
        <Queue {...state} {...queue} history={history} />
      )}
    </>
  );
}
