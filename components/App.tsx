import {Box} from 'ink';
import type {ReactElement} from 'react';
import {alertText, wantingAttention} from '../src/alerts/wanting.ts';
import {cells, pad} from '../src/core/width.ts';
import type {RowUse} from '../src/input/binding.ts';
import {footerBindings} from '../src/input/footer.ts';
import type {State} from '../src/model/state.ts';
import type {PaneId} from '../src/model/ui-state.ts';
import {seenState} from '../src/store/frozen.ts';
import {NOTE_MICROS} from '../src/store/ui.ts';
import {AlertBar} from './chrome/AlertBar.tsx';
import {Footer} from './chrome/Footer.tsx';
import {Header} from './chrome/Header.tsx';
import {ServerFigures} from './chrome/ServerFigures.tsx';
import {TooSmall} from './chrome/TooSmall.tsx';
import {type Layout, layoutOf} from './layout.ts';
import {Lines} from './lines/Lines.tsx';
import {dimmed, type Line, type Theme, themeOf} from './lines/theme.ts';
import {coversPanes} from './overlays/index.ts';
import {OverlayLayer} from './overlays/OverlayLayer.tsx';
import {paneOf} from './panes/index.ts';
import {digitOf, viewOf} from './views.ts';

type AppProps = {
  readonly state: State;
  readonly columns: number;
  readonly rows: number;
};

/**
 * The whole screen: a function of the State and of the terminal's size, never wider nor taller than that. It takes the
 * State apart: the components below it get the props that they need.
 */
export function App({state, columns, rows}: AppProps): ReactElement {
  const {about, alerts, ui, samples, bus, acting, at: now} = state;
  const theme = themeOf(state);
  const view = viewOf(state);
  const layout = layoutOf(ui, columns, rows, view.panes);
  const wanting = wantingAttention(alerts).map(alert => ({
    severity: alert.severity,
    since: alert.since,
    text: alertText(alert),
  }));
  if (layout.kind === 'small')
    return <TooSmall {...{environment: about.environment, alerts: wanting, columns, rows, theme}} />;
  const filter = ui.overlay?.kind === 'filter' ? ui.overlay.text : undefined;
  const shared = {now, width: columns, theme};
  // No width in numbers: Ink repaints the old frame before a new size is known, and a fixed width leaves a torn line. No
  // overflow either: Ink would measure every line again to clip it, and no line is too long.
  return (
    <Box flexDirection="column" height={rows}>
      <Header
        environment={about.environment}
        view={view.name}
        address={about.trading}
        server={samples.server}
        redis={{link: bus.link, version: samples.redis.rows[0]?.version}}
        alerts={wanting}
        unread={state.unread}
        refreshMs={ui.refreshMs}
        readOnly={ui.readOnly}
        pausedAt={ui.paused ? (state.frozen?.at ?? now) : undefined}
        {...shared}
      />
      {layout.header === 2 && (
        <ServerFigures server={samples.server} tpsHistory={state.tpsHistory ?? []} width={columns} theme={theme} />
      )}
      <Panes
        state={seenState(state)}
        layout={layout}
        width={columns}
        theme={coversPanes(state) ? dimmed(theme) : theme}
      />
      <AlertBar
        alerts={wanting}
        note={ui.note !== undefined && now - ui.note.at <= NOTE_MICROS ? ui.note.text : undefined}
        acting={ui.overlay?.kind === 'act' ? undefined : acting}
        height={layout.alertBar}
        {...shared}
      />
      <Footer
        bindings={footerBindings(state, {offers, alerting: wanting.length > 0})}
        filter={filter}
        width={columns}
        theme={theme}
      />
      <OverlayLayer state={state} columns={columns} rows={rows} theme={theme} />
    </Box>
  );
}

const offers = (id: PaneId, use: RowUse): boolean => paneOf(id).offers.has(use);

// Cells for the title of a pane that has one line: those of the longest one below, and never fewer than this.
const LEAST_TITLE = 17;

type PanesProps = {
  readonly state: State;
  readonly layout: Exclude<Layout, {kind: 'small'}>;
  readonly width: number;
  readonly theme: Theme;
};

/** The panes that are whole, then those that have one line each. */
function Panes({state, layout, width, theme}: PanesProps): ReactElement {
  const titles = Math.max(LEAST_TITLE, ...layout.brief.map(id => cells(paneOf(id).title)));
  const brief = layout.brief.map((id): Line => {
    const {title, brief: line} = paneOf(id);
    return [[` ${digitOf(state, id)} ${pad(title, titles)}  `, 'strong'], ...line(state)];
  });
  return (
    <>
      {layout.boxes.map(boxes => (
        <Box key={boxes.map(box => box.id).join()} flexShrink={0}>
          {boxes.map(({id, ...size}) => {
            const {Connected} = paneOf(id);
            const placed = {...size, digit: digitOf(state, id), focused: id === state.ui.focus, theme};
            return <Connected key={id} state={state} {...placed} />;
          })}
        </Box>
      ))}
      <Lines lines={brief} width={width} theme={theme} />
    </>
  );
}
