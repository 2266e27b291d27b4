import {defineTradeChange} from './change-trade.ts';
import {fact} from './facts.ts';

/** Takes a fill out of the books that the venue has cancelled. Its event counts no more, however often it comes. */
export const bustTradeAction = defineTradeChange({
  id: 'bust-trade',
  title: 'Bust trade',
  help: 'Takes a fill out of the books, and restates what was reckoned after it: `tradetop trade bust`.',
  statement: 'actions/bust_trade',
  takesOut: true,
  change: () => ({
    params: [],
    facts: [fact('afterwards', 'the trade is in no sum; the audit log keeps it')],
    after: {busted: true},
  }),
});
