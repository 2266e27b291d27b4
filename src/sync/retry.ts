import {z} from 'zod';
import {failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {applyBatch} from './apply.ts';
import {isolatedBatchOf, isPoison, quarantineKey} from './isolate.ts';
import type {Item} from './item.ts';
import type {Runner} from './session.ts';

export type Retried = {
  readonly applied: number;
  /** Events that still cannot be applied: which, and why. */
  readonly refused: readonly {readonly event: SafeText; readonly reason: SafeText}[];
  /** Stopped before the end by the signal. */
  readonly stopped: boolean;
};

const PAGE = 200;

/**
 * Tries every event in quarantine again, each in a transaction of its own that also closes its entry, so that it is
 * applied once whatever breaks. What is refused again stays, with the new reason and one attempt more; unless its trade
 * has been applied by another event since, which settles it.
 */
export async function retryQuarantine(db: Runner, signal?: AbortSignal): Promise<Retried> {
  const refused: {event: SafeText; reason: SafeText}[] = [];
  let [applied, after] = [0, '0'];
  for (;;) {
    const rows = await db.query('sync/quarantine_open', [after, PAGE]);
    for (const row of rows) {
      if (signal?.aborted) return {applied, refused, stopped: true};
      const reason = await retryOne(db, row);
      if (reason === undefined) applied++;
      else refused.push({event: sanitise(`${row.kind} ${row.event_key}`, 200), reason});
      after = String(row.id);
    }
    if (rows.length < PAGE) return {applied, refused, stopped: false};
  }
}

async function retryOne(db: Runner, row: Readonly<Record<string, unknown>>): Promise<SafeText | undefined> {
  const item = itemSchema.safeParse(JSON.parse(String(row.event)));
  if (!item.success) return sanitise('the event in the quarantine cannot be read', 300);
  try {
    await db.transaction(async ask => {
      await applyBatch(ask, isolatedBatchOf([item.data as Item]));
      await ask('sync/quarantine_resolve', [row.kind, row.event_key]);
    });
    return undefined;
  } catch (error) {
    if (!isPoison(error)) throw error;
    if ((await db.transaction(ask => ask('sync/quarantine_overtaken', [row.kind, row.event_key]))).length > 0)
      return undefined;
    const {message, sqlstate} = failureOf(error);
    const reason = sanitise(message, 500);
    const key = quarantineKey(item.data as Item);
    await db.transaction(ask => ask('sync/quarantine', [row.kind, key, row.event, sqlstate, reason]));
    return reason;
  }
}

const digits = z.string().regex(/^-?\d+(?:\.\d+)?$/);
const arrival = {key: z.string(), at: z.number(), receivedAt: z.number()};
const holding = {accountId: z.string(), symbol: z.string(), quantity: digits};

const itemSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('trades'),
    ...arrival,
    ...holding,
    strategy: z.string(),
    date: z.string(),
    side: z.enum(['buy', 'sell']).optional(),
    price: digits,
    commission: digits.optional(),
    executedAt: z.number(),
    tradeType: z.string().optional(),
    totalValue: digits.optional(),
    realizedPnl: digits.optional(),
    winRate: digits.optional(),
  }),
  z.object({
    kind: z.literal('positions'),
    ...arrival,
    ...holding,
    avgPrice: digits,
    realizedPnl: digits.optional(),
    asOf: z.number(),
  }),
  z.object({kind: z.literal('market_data'), ...arrival, price: digits, asOf: z.number()}),
]);
