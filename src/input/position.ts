import {positionTradesJson} from '../trace/position.ts';
import {type KeyContext, note, type Response} from './handler.ts';
import {goTo} from './lead.ts';

/** Goes on from a position's trades to those of them that the tape has. */
export function onTape(context: KeyContext): Response {
  const {state, at} = context;
  if (state.position === undefined) return note('there is no position', at);
  const {account, symbol} = state.position;
  return goTo(context, {pane: 'trades', what: 'its trades on the tape', where: {account_id: account, symbol}});
}

/** The trades that are shown, as JSON; undefined: there are none. */
export const positionText = ({state}: Pick<KeyContext, 'state'>): string | undefined =>
  state.position?.phase === 'read' ? positionTradesJson(state.position.of) : undefined;
