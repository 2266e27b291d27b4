import {mustType} from '../../src/input/confirmation.ts';
import {rejectOf} from '../../src/input/rejects.ts';
import type {State} from '../../src/model/state.ts';
import {seenState} from '../../src/store/frozen.ts';
import type {Theme} from '../lines/theme.ts';
import {paneOf} from '../panes/index.ts';
import {leadOf} from '../panes/leads.ts';
import {checksContent} from './checks.ts';
import {chooserOverlay} from './chooser.ts';
import {detailsContent} from './details.ts';
import {dialogLayout} from './dialog-layout.ts';
import {explainContent} from './explain.ts';
import {formContent} from './form.ts';
import {helpOverlay} from './help.ts';
import {historyContent} from './history.ts';
import {innerWidth, type OverlayContent, type OverlayLayout, overlayHeight, overlayWidth} from './overlay.ts';
import {paletteOverlay} from './palette.ts';
import {positionContent} from './position.ts';
import {rejectContent} from './reject.ts';
import {rejectsContent} from './rejects.ts';
import {reportContent} from './report.ts';
import {traceContent} from './trace.ts';
import {waitsContent} from './waits.ts';

const MOST_COLUMNS = 112;

/** The list that lies over the panes, with its size; undefined when there is none. */
export function overlayLayout(state: State, columns: number, rows: number, theme: Theme): OverlayLayout | undefined {
  const width = overlayWidth(columns, MOST_COLUMNS);
  const content = listContent(state, innerWidth(width), theme);
  if (content === undefined) return undefined;
  const {top, bottom, lines} = content;
  return {content, width, ...overlayHeight(rows, top.length + bottom.length, lines.length)};
}

/** Takes the part of the State that a list needs. */
function listContent(state: State, width: number, theme: Theme): OverlayContent | undefined {
  const {ui, bus, checks, at: now} = state;
  const {overlay} = ui;
  switch (overlay?.kind) {
    case 'help':
      return helpOverlay(state, overlay.scroll, width, theme);
    case 'details': {
      const {title, details, found} = paneOf(overlay.pane);
      const seen = seenState(state);
      const leadsTo = leadOf(seen, overlay.pane, overlay.key)?.what;
      const row = {fields: details(seen, overlay.key), found: found(seen, overlay.key)};
      return detailsContent({title, ...row, leadsTo, scroll: overlay.scroll, width});
    }
    case 'history':
      return historyContent(state, overlay, width);
    case 'checks':
      return checksContent({checks, now, scroll: overlay.scroll, width});
    case 'reject': {
      const {number, scroll} = overlay;
      return rejectContent({reject: rejectOf(state, number), number, rejected: bus.rejected, now, scroll, width});
    }
    case 'explain':
      return explainContent(state.explained, overlay.scroll, width);
    case 'waits':
      return waitsContent(state.waits, overlay.scroll, width);
    case 'report':
      return reportContent(state.report, overlay.scroll, width);
    case 'trace':
      return traceContent(state.trace, overlay.scroll, width);
    case 'position':
      return positionContent(state.position, overlay.scroll, width);
    case 'rejects':
      return rejectsContent({bus, selected: overlay.selected, now, width});
    case 'chooser':
      return chooserOverlay(state, overlay, width);
    case 'form':
      return formContent(overlay, width);
    case 'palette':
      return paletteOverlay(state, overlay, width, theme);
    default:
      return undefined;
  }
}

/** Lines of an overlay's middle, and how many of them are seen at once; undefined when there is none. */
export function overlayPage(
  state: State,
  columns: number,
  rows: number,
  theme: Theme,
): {readonly total: number; readonly page: number} | undefined {
  if (state.ui.overlay?.kind === 'act') {
    if (state.acting === undefined) return undefined;
    const {lines, page} = dialogLayout({acting: state.acting, mustType: mustType(state), now: state.at, columns, rows});
    return {total: lines.length, page};
  }
  const layout = overlayLayout(state, columns, rows, theme);
  return layout && {total: layout.content.lines.length, page: layout.page};
}

/** Whether a list or a dialog lies over the panes. The filter is typed in the footer. */
export function coversPanes({ui, acting}: State): boolean {
  const kind = ui.overlay?.kind;
  return kind !== undefined && kind !== 'filter' && (kind !== 'act' || acting !== undefined);
}
