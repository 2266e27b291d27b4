import {defineDecision} from './quarantine-decision.ts';

/** The event never counts, however often it comes. */
export const rejectQuarantineAction = defineDecision({
  id: 'reject-quarantine',
  title: 'Reject event',
  help: 'Drops an event in quarantine for good: `tradetop quarantine reject`.',
  how: 'rejected',
});
