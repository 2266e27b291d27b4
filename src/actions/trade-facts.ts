import type {Io, Raw} from '../io/io.ts';
import {type KnownTrade, knownTradeOf} from '../sync/known-trade.ts';
import {fact} from './facts.ts';
import type {Fact} from './plan.ts';

/** What the database knows of a trade: its row and its entry in the ledger. */
export async function readTrade(io: Io, id: string): Promise<KnownTrade> {
  const [raw] = await io.query('sync/known', [[id], [null]]);
  return knownTradeOf(raw as Raw);
}

/** How a trade's figures were restated, oldest first. */
export const readRestatements = (io: Io, id: string): Promise<readonly Raw[]> =>
  io.query('actions/restatements', [[id]]);

/** A trade in a few words: `buy 100 IBM at 10.0000 for ACC-1, executed 2026-11-26 …`. */
export const tradeWords = ({row, entry, orderSide}: KnownTrade): string => {
  const of = row ?? entry;
  if (!of) return 'none';
  const side = row?.side ?? entry?.side ?? orderSide ?? '(unknown side)';
  return `${side} ${of.quantity ?? '?'} ${of.symbol} at ${of.price ?? '?'} for ${of.accountId}`;
};

/** What a trade is and what it counts as: lines for the dialog. */
export const tradeFacts = (trade: KnownTrade): readonly Fact[] => [
  fact('trade', tradeWords(trade)),
  fact(
    'counts as',
    trade.entry
      ? `value ${trade.entry.totalValue}, realised P&L ${trade.entry.realizedPnl}${trade.entry.pnlStated ? ' (stated)' : ''}`
      : 'nothing yet',
    !trade.entry,
  ),
  ...(trade.row ? [] : [fact('row', 'execution.trades has none', true)]),
];
