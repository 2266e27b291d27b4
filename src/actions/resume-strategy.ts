import {defineStatus} from './strategy-status.ts';

/** The strategy may trade again. */
export const resumeStrategyAction = defineStatus({
  id: 'resume-strategy',
  title: 'Resume strategy',
  key: '',
  help: 'Lets a halted or paused strategy trade again, and tells its services on data_sync:control.',
  status: 'active',
});
