import {PANES} from '../components/panes/index.ts';
import * as actionFiles from './actions/index.ts';
import * as eventKinds from './bus/kinds/index.ts';
import * as pollerFiles from './monitor/index.ts';

/** Everything that features register by a line in their folders' indexes. */
export const REGISTRY = {
  actions: Object.values(actionFiles),
  kinds: Object.values(eventKinds),
  panes: PANES,
  pollers: Object.values(pollerFiles),
} as const;
