import {PANES} from '../components/panes/index.ts';
import * as editFiles from './actions/edits.ts';
import * as actionFiles from './actions/index.ts';
import {ALERT_RULES} from './alerts/alerts.ts';
import * as eventKinds from './bus/kinds/index.ts';
import * as pollerFiles from './monitor/index.ts';
import {CHECKS} from './verify/index.ts';

/** Everything that a feature registers by one line in its folder's index; nothing else knows them all. */
export const REGISTRY = {
  actions: Object.values(actionFiles),
  alerts: ALERT_RULES,
  edits: Object.values(editFiles),
  checks: CHECKS,
  kinds: Object.values(eventKinds),
  panes: PANES,
  pollers: Object.values(pollerFiles),
} as const;
