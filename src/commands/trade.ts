import Table from 'cli-table3';
import {readRestatements, readTrade, tradeWords} from '../actions/trade-facts.ts';
import type {Config} from '../config/config.ts';
import {UserError} from '../core/errors.ts';
import {didYouMean} from '../core/nearest.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoOf} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import {closedTrade, type KnownTrade} from '../sync/known-trade.ts';
import {defineCommand} from './shared/command.ts';
import {readOnce} from './shared/read-once.ts';
import {ACTION_FLAGS, runAction} from './shared/run-action.ts';

const ACTIONS = {correct: 'correct-trade', bust: 'bust-trade'} as const;

/** `tradetop trade`: a trade in the books, and its correction. */
export const tradeCommand = defineCommand({
  name: 'trade',
  summary: 'shows a trade in the books and how it was restated; corrects or busts it',
  args: 'show ID | correct ID | bust ID',
  words: [2, 2],
  details: [
    'Fills are append-only: no service may change one. correct and bust do, with the reason, and restate what was reckoned',
    'after the trade: row, ledger, analytics and a record in shared.audit_log change in one transaction. A figure that the row',
    'stated (total value, realised P&L, win rate) is reckoned anew where the trade changes, unless it is given too.',
    'A busted trade is deleted and counts no more, however often its event comes; the audit log keeps what it was.',
    'Exit code 1 when it was not done, 2 when it could not be started.',
  ].join('\n'),
  flags: {
    price: {type: 'string', value: 'N', help: 'correct: the price'},
    quantity: {type: 'string', value: 'N', help: 'correct: the quantity'},
    commission: {type: 'string', value: 'N', help: 'correct: the commission'},
    side: {type: 'string', value: 'SIDE', help: 'correct: buy or sell'},
    executedAt: {type: 'string', value: 'TIME', help: 'correct: when it was executed, as 2026-11-26T09:30:00Z'},
    strategy: {type: 'string', value: 'NAME', help: 'correct: the strategy'},
    tradeType: {type: 'string', value: 'TYPE', help: 'correct: opening, closing or partial'},
    totalValue: {type: 'string', value: 'N', help: 'correct: its total value, else quantity × price'},
    realizedPnl: {type: 'string', value: 'N', help: 'correct: its realised P&L, else by average cost'},
    winRate: {type: 'string', value: 'N', help: 'correct: its win rate, else by its P&L'},
    reason: {type: 'string', value: 'TEXT', help: 'correct, bust: why, which the records keep'},
    ...ACTION_FLAGS,
  },
  run: async ({input, flags, config}) => {
    const [what = '', id = ''] = input;
    if (what === 'show') return show(config(), id, flags.json === true);
    if (what !== 'correct' && what !== 'bust') {
      throw new UserError(
        'tradetop trade takes: show ID, correct ID, or bust ID.',
        didYouMean(what, ['show', 'correct', 'bust'], 'See tradetop trade --help.'),
      );
    }
    const {price, quantity, commission, side, executedAt, strategy, tradeType} = flags;
    const {totalValue, realizedPnl, winRate, reason} = flags;
    const all = {price, quantity, commission, side, executedAt, strategy, tradeType, totalValue, realizedPnl, winRate};
    const trade = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    if (what === 'bust' && Object.keys(trade).length > 0) {
      throw new UserError('A busted trade is taken out as it is: bust takes --reason alone.');
    }
    return runAction({
      config: config(),
      actionId: ACTIONS[what],
      name: 'tradetop trade',
      target: async () => ({kind: 'rows', schema: 'execution', name: 'trades', keys: [id]}),
      options: {edit: {...(reason === undefined ? {} : {reason}), trade}},
      flags,
    });
  },
});

const show = (config: Config, id: string, json: boolean): Promise<number> =>
  readOnce(config, 'tradetop trade', async pg => {
    const trade = await readTrade(pg, id);
    const restatements = await readRestatements(pg, id);
    if (!trade.row && !trade.entry && restatements.length === 0) {
      throw new UserError(`There is no trade ${sanitise(id, 100)}.`, 'A trade is named by its trade_id.');
    }
    process.stdout.write(`${json ? jsonOf(id, trade, restatements) : textOf(trade, restatements)}\n`);
    return 0;
  });

const jsonOf = (id: string, trade: KnownTrade, restatements: readonly Raw[]): string =>
  JSON.stringify(
    {
      trade_id: id,
      row: trade.row ?? null,
      ledger: trade.entry ?? null,
      archived: trade.archived,
      closed: closedTrade(trade) ?? null,
      restatements: restatements.map(({trade_id: _, restated_at, ...rest}) => ({
        restated_at: isoOf(restated_at) ?? null,
        ...rest,
      })),
    },
    null,
    2,
  );

function textOf(trade: KnownTrade, restatements: readonly Raw[]): string {
  const {row, entry} = trade;
  const closed = closedTrade(trade);
  const lines = [
    `trade: ${tradeWords(trade)}`,
    `row: ${row ? `number ${row.id} of execution.${trade.rowArchived ? 'archived_trades' : 'trades'}` : 'none'}`,
    entry
      ? `ledger: value ${entry.totalValue}, realised P&L ${entry.realizedPnl} (${entry.pnlStated ? 'stated' : 'reckoned'}), by ${entry.source}`
      : 'ledger: does not count',
    ...(closed === undefined ? [] : [`closed: ${closed}`]),
  ].map(line => sanitise(line, 300));
  if (restatements.length === 0) return [...lines, 'restated: never'].join('\n');
  const table = new Table({
    head: ['restated', 'why', 'because of', 'value', 'realised P&L'],
    style: {head: [], border: []},
  });
  for (const r of restatements) {
    const change = (from: unknown, to: unknown) => sanitise(`${from} → ${to ?? 'out'}`);
    table.push([
      isoOf(r.restated_at) ?? '',
      sanitise(String(r.reason)),
      sanitise(String(r.cause), 100),
      change(r.old_value, r.new_value),
      change(r.old_pnl, r.new_pnl),
    ]);
  }
  return [...lines, table.toString()].join('\n');
}
