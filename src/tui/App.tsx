/** The root component: header, picture with losses, queue and footer, or whatever covers them. */
import { Box, Text, useIsScreenReaderEnabled } from 'ink';
import { useContext, useSyncExternalStore } from 'react';
import { Below } from './components/Below.js';
import { Cover } from './components/Cover.js';
import { Footer } from './components/Footer.js';
import { FullPicture } from './components/FullPicture.js';
import { GalleryCode } from './components/GalleryCode.js';
import { Header } from './components/Header.js';
import { Idle } from './components/Idle.js';
import { PaintingView } from './components/PaintingView.js';
import { ScreenReaderText } from './components/ScreenReaderText.js';
import { Space } from './components/Space.js';
import { useKeys } from './hooks/useKeys.js';
import { useTerminalSize } from './hooks/useTerminalSize.js';
import { layOut, smallestColumns, smallestRows } from './layout.js';
import { LookContext } from './look.js';
import { frameOf } from './pace.js';
import { shown } from './painting.js';
import type { ScreenActions } from './screen-actions.js';
import { isCovered } from './state.js';
import type { Store } from './store.js';

export function App({ store, title, actions }: { store: Store; title: string; actions: ScreenActions }) {
  const state = useSyncExternalStore(store.subscribe, store.get);
  const size = useTerminalSize();
  const { glyphs } = useContext(LookContext);
  const layout = layOut(size.columns, size.rows, state.slots);
  useKeys(store, actions, layout?.arrangement);
  if (useIsScreenReaderEnabled()) return <ScreenReaderText state={state} />;
  if (!layout) {
    return (
      <Text wrap="truncate">{`Too small: needs ${smallestColumns}${glyphs.times}${smallestRows}.`}</Text>
    );
  }
  const { columns, rows, airy } = layout;
  const { view, chosen } = state;
  const painting = shown(state);
  if (painting && view.full && !state.modal)
    return <FullPicture painting={painting} mode={view.picture} layout={layout} />;
  if (state.modal?.kind === 'gallery')
    return <GalleryCode url={state.modal.url} columns={columns} rows={rows} />;
  const engine = painting ? `${painting.engine} ${glyphs.dot} ${painting.device}` : '';
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      <Header title={title} engine={engine} columns={columns} />
      <Space rows={Number(airy)} />
      {isCovered(state) ? (
        <Cover state={state} columns={columns} rows={rows - 4 - Number(airy)} />
      ) : (
        <>
          {painting ? (
            <PaintingView
              painting={painting}
              frame={frameOf(state)}
              view={view}
              chosen={chosen}
              layout={layout}
            />
          ) : (
            <Idle {...state} layout={layout} />
          )}
          <Space rows={Number(airy)} />
          <Below state={state} shown={painting} layout={layout} />
        </>
      )}
      <Box flexGrow={1} />
      <Footer state={state} shown={painting} layout={layout} />
    </Box>
  );
}
