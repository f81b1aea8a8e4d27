/** The screen: header, the picture with its losses, weights, slots, queue, footer. */
import { Box, Text } from 'ink';
import { type ReactNode, useContext, useSyncExternalStore } from 'react';
import { Details } from './components/Details.js';
import { Footer } from './components/Footer.js';
import { Header } from './components/Header.js';
import { Help } from './components/Help.js';
import { Losses } from './components/Losses.js';
import { Picker } from './components/Picker.js';
import { PictureView } from './components/PictureView.js';
import { Progress } from './components/Progress.js';
import { Queue } from './components/Queue.js';
import { QueuePane } from './components/QueuePane.js';
import { Slots } from './components/Slots.js';
import { StyleTable } from './components/StyleTable.js';
import { WeightsLine } from './components/WeightsLine.js';
import { useKeys } from './hooks/useKeys.js';
import { useTerminalSize } from './hooks/useTerminalSize.js';
import { knobsOf } from './knobs.js';
import { type Layout, layOut, smallestColumns, smallestRows } from './layout.js';
import { LookContext } from './look.js';
import type { Outlets } from './outlets.js';
import { type Painting, shown } from './painting.js';
import type { ScreenState } from './state.js';
import type { Store } from './store.js';

export function App({ store, title, outlets }: { store: Store; title: string; outlets: Outlets }) {
  const state = useSyncExternalStore(store.subscribe, store.get);
  const size = useTerminalSize();
  const { glyphs } = useContext(LookContext);
  useKeys(store, outlets);
  const layout = layOut(size.columns, size.rows, state.slots);
  if (!layout) {
    return (
      <Text wrap="truncate">{`Too small: needs ${smallestColumns}${glyphs.times}${smallestRows}.`}</Text>
    );
  }
  const { columns, rows, slots, queue, airy } = layout;
  const painting = shown(state);
  const { over, pane } = state;
  const covered = { columns, rows: rows - 4 - Number(airy) };
  const engine = painting ? `${painting.engine} ${glyphs.dot} ${painting.device}` : '';
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      <Header title={title.replace('→', glyphs.arrow)} engine={engine} columns={columns} />
      {airy && <Box height={1} flexShrink={0} />}
      {over?.kind === 'help' ? (
        <Help {...over} {...covered} />
      ) : over?.kind === 'details' ? (
        <Details {...over} {...covered} />
      ) : over?.kind === 'styles' ? (
        <Picker {...over} {...covered} />
      ) : pane === 'queue' ? (
        <QueuePane state={state} {...covered} />
      ) : (
        <>
          {painting ? (
            <PaintingView painting={painting} {...state} layout={layout} />
          ) : (
            <Resting layout={layout} />
          )}
          {airy && <Box height={1} flexShrink={0} />}
          {slots > 0 && <Slots {...state} shown={painting} columns={columns} rows={slots} />}
          <Queue {...state} columns={columns} rows={queue} />
        </>
      )}
      <Box flexGrow={1} />
      <Footer state={state} shown={painting} columns={columns} />
    </Box>
  );
}

type ViewProps = Pick<ScreenState, 'chosen' | 'table'> & { painting: Painting; layout: Layout };

function PaintingView({ painting, chosen, table, layout }: ViewProps): ReactNode {
  const { columns, picture, losses, body, airy } = layout;
  const Terms = table ? StyleTable : Losses;
  return (
    <>
      <Progress painting={painting} columns={columns} />
      {airy && <Box height={1} flexShrink={0} />}
      <Box height={body} flexShrink={0} justifyContent="space-between" width={columns}>
        <PictureView painting={painting} room={picture} />
        <Terms painting={painting} columns={losses} rows={body} />
      </Box>
      <WeightsLine all={knobsOf(painting)} chosen={chosen} columns={columns} />
    </>
  );
}

/** Nothing to paint: as many rows as a painting takes, so that the queue stays where it is. */
function Resting({ layout }: { layout: Layout }): ReactNode {
  const rows = layout.body + 3 + Number(layout.airy);
  return (
    <Box height={rows} flexShrink={0} alignItems="center" justifyContent="center" width={layout.columns}>
      <Text dimColor>Waiting for pictures</Text>
    </Box>
  );
}
