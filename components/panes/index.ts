import type {PaneId} from '../../src/model/ui-state.ts';
import {alertsPane} from './alerts.ts';
import {analyticsPane} from './analytics/analytics.ts';
import {auditPane} from './audit.ts';
import {checksPane} from './checks.ts';
import {healthPane} from './health/health.ts';
import {logsPane} from './logs/logs.ts';
import {maintenancePane} from './maintenance.ts';
import {marketDataPane} from './market-data/market-data.ts';
import {ordersPane} from './orders/orders.ts';
import {positionsPane} from './positions/positions.ts';
import {prefectPane} from './prefect/prefect.ts';
import {riskPane} from './risk/risk.ts';
import {serverPane} from './server/server.ts';
import {sessionsPane} from './sessions/sessions.ts';
import type {Pane} from './shared/pane.ts';
import {slowQueriesPane} from './slow-queries/slow-queries.ts';
import {syncPane} from './sync/sync.ts';
import {tablesPane} from './tables/tables.ts';
import {tradesPane} from './trades/trades.ts';

/** Every pane. Where it is seen is said by the views (`src/model/views.ts`). */
export const PANES: readonly Pane[] = [
  tradesPane,
  positionsPane,
  slowQueriesPane,
  healthPane,
  syncPane,
  sessionsPane,
  tablesPane,
  serverPane,
  ordersPane,
  riskPane,
  alertsPane,
  marketDataPane,
  logsPane,
  prefectPane,
  checksPane,
  auditPane,
  maintenancePane,
  analyticsPane,
];

/** A pane by its name. */
export function paneOf(id: PaneId): Pane {
  const pane = PANES.find(p => p.id === id);
  if (pane === undefined) throw new Error(`there is no pane ${id}`);
  return pane;
}
