import {defineDecision} from './quarantine-decision.ts';

/** The event counts: a trade that contradicts its row corrects the row; one that came too early by its clock is taken. */
export const acceptQuarantineAction = defineDecision({
  id: 'accept-quarantine',
  title: 'Accept event',
  help: 'Applies an event in quarantine although it contradicts the books: `tradetop quarantine accept`.',
  how: 'accepted',
});
