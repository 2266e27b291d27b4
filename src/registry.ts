import {PANES} from '../components/panes/index.ts';
import * as actionFiles from './actions/index.ts';
import {ALERT_RULES} from './alerts/alerts.ts';
import {controlKind} from './bus/control.ts';
import * as eventKinds from './bus/kinds/index.ts';
import {metricKinds} from './bus/metric-kinds.ts';
import {INCIDENTS} from './demo/incidents/runner.ts';
import * as pollerFiles from './monitor/index.ts';

/** Everything that features register by a line in their folders' indexes. */
export const REGISTRY = {
  actions: Object.values(actionFiles),
  alerts: ALERT_RULES,
  incidents: INCIDENTS,
  kinds: [controlKind, ...Object.values(eventKinds), ...metricKinds],
  panes: PANES,
  pollers: Object.values(pollerFiles),
} as const;
