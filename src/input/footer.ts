import type {State} from '../model/state.ts';
import type {PaneId} from '../model/ui-state.ts';
import {SESSION_PANES} from '../store/session-scopes.ts';
import {paneUi} from '../store/ui.ts';
import {ROW_USES, type RowUse} from './binding.ts';
import {type Binding, bindingsIn, type CommandId, contextOf} from './bindings.ts';

/** What the screen knows beside the State. */
type Shown = {
  /** Whether the rows of a pane can be used in this way. */
  readonly offers: (pane: PaneId, use: RowUse) => boolean;
  /** Whether an alert wants attention. */
  readonly alerting: boolean;
};

/** The bindings that the footer shows, with their ranks: those that work here and now. */
export function footerBindings(state: State, {offers, alerting}: Shown): readonly Binding[] {
  const {overlay, focus} = state.ui;
  const pane = overlay?.kind === 'details' ? overlay.pane : focus;
  return bindingsIn(contextOf(state)).flatMap(binding => {
    const footer = rankOf(binding, state, alerting);
    if (footer === undefined || binding.why(state) !== undefined) return [];
    const use = ROW_USES.find(id => id === binding.id);
    if (use !== undefined && !offers(pane, use)) return [];
    return [footer === binding.footer ? binding : {...binding, footer}];
  });
}

/** Where the alerts have the focus, what goes on from one comes before what looks after tables. */
const AT_ALERTS: Partial<Record<CommandId, number>> = {details: 2, lead: 2, verify: 8};

function rankOf({id, action, footer}: Binding, state: State, alerting: boolean): number | undefined {
  const {focus} = state.ui;
  if (contextOf(state) !== 'panes') return footer;
  if (id === 'back') return leadsBack(state) ? 1 : undefined;
  if (id === 'alerts') return focus === 'alerts' ? undefined : alerting ? 2 : footer;
  const onTables = id === 'start_action' && action?.targets.includes('sessions') !== true;
  if (footer !== undefined && onTables && SESSION_PANES.includes(focus)) return 8;
  return focus === 'alerts' ? (AT_ALERTS[id] ?? footer) : footer;
}

/** Whether Esc undoes what a person has done to the screen. */
function leadsBack({ui}: State): boolean {
  const {filter, where} = paneUi(ui, ui.focus);
  return ui.zoomed || (ui.trail ?? []).length > 0 || where !== undefined || filter !== '';
}
