import type {Action} from './action.ts';
import {retryRows} from './retry-quarantine.ts';

/** Applies single events in quarantine again; what fails again stays there. */
export const retryEventAction: Action = {
  id: 'retry-event',
  title: 'Retry event',
  key: '',
  danger: 'locks',
  help: 'Applies one event in quarantine again: `Q` on its row in Sync.',
  targets: ['rows'],
  orphan: 'ends',
  prepare: retryRows,
};
