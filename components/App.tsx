import {Box} from 'ink';
import type {ReactElement} from 'react';
import {pad} from '../src/core/width.ts';
import type {State} from '../src/model/state.ts';
import {seenState} from '../src/store/frozen.ts';
import {AlertBar} from './chrome/AlertBar.tsx';
import {Footer} from './chrome/Footer.tsx';
import {Header} from './chrome/Header.tsx';
import {TooSmall} from './chrome/TooSmall.tsx';
import {layoutOf} from './layout.ts';
import {Lines} from './lines/Lines.tsx';
import {fitLine} from './lines/line.ts';
import {dimmed, themeOf} from './lines/theme.ts';
import {OverlayBox} from './overlays/OverlayBox.tsx';
import {overlayLayout} from './overlays/overlay.ts';
import {paneOf} from './panes/index.ts';

export type AppProps = {readonly state: State; readonly columns: number; readonly rows: number};

/** The whole screen: a function of the State and of the terminal's size, never wider nor taller than that. */
export function App({state, columns, rows}: AppProps): ReactElement {
  const theme = themeOf(state);
  const layout = layoutOf(state.ui, columns, rows);
  // No width in numbers: Ink repaints the old frame before a new size is known, and a fixed one leaves a torn line. No
  // overflow either: Ink would measure every line again to clip it, and ours are never too long.
  if (layout.kind === 'small') {
    return (
      <Box flexDirection="column" height={rows}>
        <TooSmall state={state} columns={columns} rows={rows} theme={theme} />
      </Box>
    );
  }
  const overlay = overlayLayout(state, columns, rows, theme);
  const paneTheme = overlay === undefined ? theme : dimmed(theme);
  const seen = seenState(state);
  return (
    <Box flexDirection="column" height={rows}>
      <Header state={state} width={columns} theme={theme} facts={layout.header === 2} />
      {layout.boxes.map(boxes => (
        <Box key={boxes.map(box => box.id).join()} flexShrink={0}>
          {boxes.map(({id, width, height}) => {
            const {Connected, key} = paneOf(id);
            const focused = id === state.ui.focus;
            const size = {width, height};
            return <Connected key={id} state={seen} digit={key} {...size} focused={focused} theme={paneTheme} />;
          })}
        </Box>
      ))}
      <Lines
        lines={layout.brief.map(id =>
          fitLine([[` ${paneOf(id).key} ${pad(paneOf(id).title, 19)}`, 'strong'], ...paneOf(id).brief(seen)], columns),
        )}
        width={columns}
        theme={paneTheme}
      />
      <AlertBar state={state} width={columns} height={layout.alertBar} theme={theme} />
      <Footer state={state} width={columns} theme={theme} />
      {overlay ? <OverlayBox box={overlay} theme={theme} /> : null}
    </Box>
  );
}
