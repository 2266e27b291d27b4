import {createHash} from 'node:crypto';
import {type Decimal, type Digits, dec, to4} from '../core/decimal.ts';
import {UserError} from '../core/errors.ts';
import {sumDigits} from '../core/sum.ts';
import type {Io} from '../io/io.ts';
import {decode, decodeOne, digits, key, rowSchema, text} from '../monitor/columns.ts';
import type {DeskReport, Figures} from './document.ts';

const FIGURES = 'report/figures';
const HELD = 'report/held';
const DETACHED = 'report/detached';

/** Most rows of a statement: with more, a report of all would help nobody. */
const MOST_LINES = 10_000;
const MOST_HELD = 20_000;

const lineRow = rowSchema({
  account_id: key,
  strategy: key,
  trades: text,
  turnover: digits,
  realized_pnl: digits,
  commission: digits,
  decided: text,
  wins: digits,
});
const heldRow = rowSchema({account_id: key, symbol: key, held: digits, average_cost: digits, mark: digits});
const detachedRow = rowSchema({trades: text});

type LineRow = ReturnType<typeof decode<typeof lineRow>>[number];
type HeldRow = ReturnType<typeof decode<typeof heldRow>>[number];

/** What the figures are about. */
export type ReportScope = {
  readonly from: string;
  readonly to: string;
  /** When what was held is valued: the end of the span, or now. */
  readonly at: string;
  readonly account: string | undefined;
  readonly strategy: string | undefined;
};

/**
 * The figures of a span, by account and strategy, with every digit: asked for again they are the same, unless trades came
 * late or were changed. Throws the driver's error, and a UserError where there are too many.
 */
export async function readFigures(io: Pick<Io, 'query'>, scope: ReportScope): Promise<DeskReport['figures']> {
  const {from, to, at, account = null, strategy = null} = scope;
  const lines = decode(lineRow, await io.query(FIGURES, [from, to, account, strategy]), FIGURES);
  // A position is no strategy's.
  const held = strategy === null ? decode(heldRow, await io.query(HELD, [at, account]), HELD) : undefined;
  if (lines.length > MOST_LINES || (held?.length ?? 0) > MOST_HELD) {
    throw new UserError('There are too many accounts for one report.', 'Name one of them: --account A');
  }
  const detached = decodeOne(detachedRow, await io.query(DETACHED, [from, to, strategy]), DETACHED).trades;
  return reportFigures(lines, held, detached);
}

/** The figures that these rows come to. `held` undefined: nobody asks what is held. @internal */
export function reportFigures(
  lines: readonly LineRow[],
  held: readonly HeldRow[] | undefined,
  detached: string,
): DeskReport['figures'] {
  const unrealized = held === undefined ? undefined : unrealizedBy(held);
  const accounts = [...new Set([...lines.map(line => line.accountId), ...(unrealized?.keys() ?? [])])].toSorted();
  const strategies = [...new Set(lines.map(line => line.strategy))].toSorted();
  // An account that holds nothing has nothing that is not realised.
  const of = (account: string): Digits | null => (unrealized === undefined ? null : orNone(unrealized, account));
  const all = accounts.map(of);
  const body = {
    desk: summed(lines, unrealized === undefined || all.includes(null) ? null : (total(all) ?? '0.0000')),
    accounts: accounts.map(account => ({
      account,
      ...summed(
        lines.filter(line => line.accountId === account),
        of(account),
      ),
    })),
    strategies: strategies.map(strategy => ({
      strategy,
      ...summed(
        lines.filter(line => line.strategy === strategy),
        null,
      ),
    })),
    lines: lines.map(line => ({account: line.accountId, strategy: line.strategy, ...summed([line], null)})),
  };
  return {digest: digestOf(body), detached, ...body} as DeskReport['figures'];
}

const orNone = (unrealized: ReadonlyMap<string, Digits | null>, account: string): Digits | null => {
  const known = unrealized.get(account);
  return known === undefined ? '0.0000' : known;
};

/** The unrealised P&L of each account; null: one of its positions has no mark. */
function unrealizedBy(held: readonly HeldRow[]): ReadonlyMap<string, Digits | null> {
  const sums = new Map<string, Decimal | null>();
  for (const {accountId, held: quantity, averageCost, mark} of held) {
    const before = sums.get(accountId);
    const known = quantity !== undefined && averageCost !== undefined && mark !== undefined && before !== null;
    sums.set(
      accountId,
      known
        ? dec(mark)
            .minus(averageCost)
            .times(quantity)
            .plus(before ?? 0)
        : null,
    );
  }
  return new Map([...sums].map(([account, sum]) => [account, sum === null ? null : to4(sum)]));
}

function summed(lines: readonly LineRow[], unrealized: Digits | null): Figures {
  const decided = whole(lines.map(line => line.decided));
  const wins = total(lines.map(line => line.wins));
  return {
    trades: whole(lines.map(line => line.trades)),
    turnover: total(lines.map(line => line.turnover)),
    decided,
    win_rate: decided === '0' || wins === null ? null : dec(wins).div(decided).toDecimalPlaces(10).toFixed(),
    realized_pnl: total(lines.map(line => line.realizedPnl)),
    unrealized_pnl: unrealized,
    commission: total(lines.map(line => line.commission)),
  } as Figures;
}

const whole = (counts: readonly string[]): string => counts.reduce((sum, n) => sum + BigInt(n), 0n).toString();

/** The exact sum; null where one of the values is not known. No value: zero. */
function total(values: readonly (Digits | null | undefined)[]): Digits | null {
  const known = values.filter(value => value !== null && value !== undefined);
  return known.length < values.length ? null : (sumDigits(known) ?? '0.0000');
}

/** SHA-256 of the figures: equal numbers give the same one, however many zeros they end with. */
function digestOf(body: unknown): string {
  const plain = JSON.stringify(body, (name, value) =>
    name !== 'account' && name !== 'strategy' && typeof value === 'string' ? dec(value).toFixed() : value,
  );
  return createHash('sha256').update(plain).digest('hex');
}
