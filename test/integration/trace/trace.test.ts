import {execFile} from 'node:child_process';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {keyText, type SafeText} from '../../../src/core/sanitise.ts';
import {nowMicros} from '../../../src/core/time.ts';
import type {Trade} from '../../../src/feed/desk.ts';
import {digitsOf, wholeUnits} from '../../../src/feed/fixed.ts';
import type {Order, OrderStep} from '../../../src/feed/orders.ts';
import {openServices, type Services} from '../../../src/feed/services.ts';
import {writeSignals} from '../../../src/feed/signals.ts';
import {writeBatch} from '../../../src/feed/write.ts';
import type {Io} from '../../../src/io/io.ts';
import {openPg, type Pg} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {batchOf} from '../../../src/sync/batch.ts';
import {applyIsolated} from '../../../src/sync/isolate.ts';
import {type SyncTrade, syncEventOf} from '../../../src/sync/sync-event.ts';
import {differenceOf, readPositionTrades} from '../../../src/trace/position.ts';
import {readTraceFacts, TRACE_PG} from '../../../src/trace/read.ts';
import {LATE_MS, namesOf, traceOf} from '../../../src/trace/trace.ts';
import {type Bench, makeBench, newServer} from '../../helpers/desk/acting.ts';
import {clearBooks, closeBooks, keepOpen} from '../../helpers/desk/closings.ts';
import {program} from '../../helpers/desk/console.ts';
import {tradeEvent} from '../../helpers/desk/desk-trades.ts';
import {hearTrades, sweepAll} from '../../helpers/desk/settling.ts';

const HOUR = 3_600_000_000;
const STRATEGY = 'momentum';

let bench: Bench;
let db: Pg;
let monitor: Pg;
let monitorUser: string;
let services: Services;
beforeAll(async () => {
  bench = await makeBench(await newServer[1]());
  const sql = loadSql();
  const {trading} = bench.config('postgres');
  db = openPg(trading, sql, {name: 'trace test', max: 3, lockMs: 10_000});
  services = openServices(trading, sql, {});
  monitorUser = await bench.role(['tradetop_monitor']);
  monitor = openPg(bench.config(monitorUser).trading, sql, {name: 'tradetop trace', ...TRACE_PG, reads: 'as monitor'});
  await bench.admin.query(`INSERT INTO strategy_engine.strategies (name) VALUES ('${STRATEGY}')`);
  await keepOpen(db.pool, 0);
});
afterAll(async () => {
  await Promise.all([monitor?.close(), db?.close(), services?.close()]);
  await bench?.close();
});

/** Runs SQL of a superuser that no constraint and no trigger hinders. */
async function force(text: string, ...params: readonly unknown[]): Promise<void> {
  await bench.admin.query("SET session_replication_role = 'replica'");
  await bench.admin.query(text, [...params]).finally(() => bench.admin.query('RESET session_replication_role'));
}

let made = 0;
type Life = {readonly order: string; readonly trades: readonly string[]; readonly events: readonly TradeEvent[]};

/** An order of 10 shares with two fills, as the desk's services write it; `heard`: and the synchroniser applies it. */
async function live({at = nowMicros() - 2_000_000, heard = true, prefix = 'O'} = {}): Promise<Life> {
  const n = ++made;
  const [orderId, accountId, symbol] = [`${prefix}-${n}`, `ACC-${n}`, `SYM${n}`];
  const first: Order = {
    orderId,
    accountId,
    symbol,
    side: 'buy',
    orderType: 'market',
    quantity: wholeUnits(10),
    filled: 0n,
    price: undefined,
    stopPrice: undefined,
    timeInForce: 'day',
    status: 'pending',
    strategy: STRATEGY,
    createdAt: at,
    updatedAt: at,
    step: 1,
  };
  const states: readonly Order[] = [
    first,
    {...first, status: 'submitted', updatedAt: at + 100_000, step: 2},
    {...first, status: 'partially_filled', filled: wholeUnits(4), updatedAt: at + 200_000, step: 3},
    {...first, status: 'filled', filled: wholeUnits(10), updatedAt: at + 300_000, step: 4},
  ];
  const trades = [4, 6].map((quantity, i): Trade => {
    const [units, price] = [wholeUnits(quantity), wholeUnits(20)];
    const money = {quantity: units, price, commission: 0n, totalValue: wholeUnits(quantity * 20), realizedPnl: 0n};
    const executedAt = at + 200_000 + i * 100_000;
    const tradeId = `T-${prefix}-${n}-${i + 1}`;
    return {
      tradeId,
      orderId,
      accountId,
      symbol,
      side: 'buy',
      ...money,
      executedAt,
      strategy: STRATEGY,
      tradeType: 'opening',
    };
  });
  const steps = states.map((order, i): OrderStep => ({order, before: states[i - 1], tradeId: trades[i - 2]?.tradeId}));
  await writeSignals(services.strategy_engine, [first], 1);
  await writeBatch(services.execution, {orders: [states[3] as Order], steps, trades, positions: []});
  const events = trades.map(
    ({quantity, price, commission, totalValue, realizedPnl, tradeType, ...trade}): TradeEvent => ({
      ...trade,
      tradeType: tradeType as SafeText,
      tradeId: trade.tradeId as SafeText,
      orderId: trade.orderId as SafeText,
      accountId: trade.accountId as SafeText,
      symbol: trade.symbol as SafeText,
      strategy: STRATEGY as SafeText,
      quantity: digitsOf(quantity),
      price: digitsOf(price),
      commission: digitsOf(commission),
      totalValue: digitsOf(totalValue),
      realizedPnl: digitsOf(realizedPnl),
      winRate: undefined,
    }),
  );
  await bench.admin.query(
    `INSERT INTO logging.system_logs (service, level, event_type, message, correlation_id)
     VALUES ('execution', 'INFO', 'trade_executed', 'filled', $1)`,
    [trades[0]?.tradeId],
  );
  if (heard) await hearTrades(db, ...events);
  return {order: orderId, trades: trades.map(({tradeId}) => tradeId), events};
}

/** The trace of an id, an hour later: nothing waits any more. */
async function traced(id: string, io: Io = monitor) {
  const facts = await readTraceFacts(io, id);
  const trace = traceOf({...facts, now: facts.now + HOUR}, LATE_MS);
  if (trace === undefined) return undefined;
  const {steps} = trace;
  const [missing, late, denied] = (['missing', 'late', 'denied'] as const).map(state => namesOf(trace, state));
  const names = steps.map(({step}) => step);
  return {
    steps,
    names,
    missing,
    late,
    denied,
    text: steps.map(({step, of, text}) => `${step} ${of}: ${text}`).join('\n'),
  };
}

const signalOf = async (order: string): Promise<string> =>
  (await bench.admin.query('SELECT id::text FROM strategy_engine.strategy_signals WHERE order_id = $1', [order]))
    .rows[0].id;

/** Runs the program with a trace, and gives its exit code and what it prints. */
const run = (user: string, ...args: readonly string[]) =>
  new Promise<{readonly code: number; readonly out: string; readonly err: string}>(resolve => {
    const env = {PATH: process.env.PATH, ...bench.env(user)};
    execFile(process.execPath, [program, 'trace', ...args], {env}, (error, out, err) =>
      resolve({code: Number(error?.code ?? 0), out, err}),
    );
  });

describe('a whole life', () => {
  it('is found by order, trade and signal, in order of time, with its lags', async () => {
    const {order, trades} = await live();
    const whole = await traced(order);
    expect(whole).toMatchObject({missing: [], late: [], denied: []});
    const of = (step: string) => whole?.steps.filter(each => each.step === step) ?? [];
    expect(of('signal')).toHaveLength(1);
    expect(of('order')).toMatchObject([{of: order, lagMs: 0}]);
    expect(of('execution log').map(({lagMs}) => lagMs)).toEqual([0, 100, 100, 100]);
    expect(of('execution log').at(-1)?.text).toBe(`4 filled, 10.0000 filled by ${trades[1]}`);
    for (const step of ['fill', 'event', 'ledger', 'portfolio', 'metrics'])
      expect(of(step).map(each => each.of)).toEqual(trades);
    expect(of('fill')[0]?.text).toMatch(/^T-\S+: buy 4\.0000 SYM\d+ at 20\.0000 for ACC-\d+$/);
    expect(of('portfolio')[0]?.text).toMatch(/now: 2 trades, value 200\.0000/);
    expect(of('log')).toMatchObject([{text: 'INFO execution trade_executed: filled'}]);
    const times = whole?.steps.flatMap(({at}) => at ?? []) ?? [];
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(await traced(await signalOf(order))).toMatchObject({missing: [], late: [], denied: []});
    for (const id of trades) expect((await traced(id))?.names).toEqual(whole?.names);
  });

  it('is found by a correlation id of its own', async () => {
    const {order} = await live();
    await force('UPDATE strategy_engine.strategy_signals SET correlation_id = $1 WHERE order_id = $2', 'corr-7', order);
    expect(await traced('corr-7')).toMatchObject({
      missing: [],
      steps: expect.arrayContaining([expect.objectContaining({step: 'order', of: order})]),
    });
    await force(`INSERT INTO logging.system_logs (service, message, correlation_id) VALUES ('x', 'alone', 'corr-8')`);
    expect((await traced('corr-8'))?.names).toEqual(['log']);
  });

  it('knows what need not be there', async () => {
    await force(`INSERT INTO strategy_engine.strategy_signals (strategy, symbol, signal, generated_at, correlation_id)
      VALUES ('${STRATEGY}', 'S', 'hold', now(), 'held')`);
    const held = await traced('held');
    expect(held).toMatchObject({missing: [], names: ['signal', 'order']});
    expect(held?.text).toContain('no order came of this signal');
    const {order} = await live();
    await force('DELETE FROM strategy_engine.strategy_signals WHERE order_id = $1', order);
    await force('UPDATE execution.orders SET strategy = NULL WHERE order_id = $1', order);
    const manual = await traced(order);
    expect(manual).toMatchObject({missing: []});
    expect(manual?.text).toContain('sent by hand');
  });
});

describe('a step that is taken out', () => {
  const cases: readonly (readonly [step: string, remove: (life: Life) => Promise<unknown>, heard?: boolean])[] = [
    ['signal', ({order}) => force('DELETE FROM strategy_engine.strategy_signals WHERE order_id = $1', order)],
    ['order', ({order}) => force('DELETE FROM execution.orders WHERE order_id = $1', order)],
    ['execution log', ({order}) => force('DELETE FROM execution.execution_logs WHERE order_id = $1', order)],
    [
      'execution log',
      ({order}) => force('DELETE FROM execution.execution_logs WHERE order_id = $1 AND step = 1', order),
    ],
    [
      'execution log',
      ({order}) => force('DELETE FROM execution.execution_logs WHERE order_id = $1 AND step = 3', order),
    ],
    [
      'execution log',
      ({order}) => force('DELETE FROM execution.execution_logs WHERE order_id = $1 AND step = 4', order),
    ],
    [
      'execution log',
      ({order}) => force('UPDATE execution.execution_logs SET trade_id = NULL WHERE order_id = $1 AND step = 3', order),
    ],
    ['fill', ({trades}) => force('DELETE FROM execution.trades WHERE trade_id = $1', trades[0])],
    ['fill', ({order}) => force('DELETE FROM execution.trades WHERE order_id = $1', order)],
    ['event', ({trades}) => applyIsolated(db, batchOf([], [...trades])), false],
    ['ledger', async () => {}, false],
    ['ledger', ({trades}) => force('DELETE FROM analytics.sync_ledger WHERE trade_id = $1', trades[1])],
    [
      'portfolio',
      ({order}) =>
        force(`DELETE FROM analytics.portfolio_summary WHERE account_id = 'ACC-' || split_part($1, '-', 2)`, order),
    ],
  ];
  for (const [i, [step, remove, heard = true]] of cases.entries())
    it(`is named: ${step} (${i})`, async () => {
      const life = await live({heard});
      await remove(life);
      for (const id of [life.order, ...life.trades.slice(1)])
        expect(await traced(id), id).toMatchObject({missing: [step], late: [], denied: []});
    });

  it('is named: metrics, which all lives share', async () => {
    const {order, trades} = await live();
    await force('UPDATE analytics.sync_ledger SET trade_date = trade_date - 9 WHERE trade_id = $1', trades[0]);
    expect(await traced(order)).toMatchObject({missing: ['metrics'], late: []});
  });

  it('waits at first, and is named late where it came after its limit', async () => {
    const {order, trades} = await live({heard: false});
    const young = traceOf(await readTraceFacts(monitor, order), 600_000);
    expect(young === undefined ? undefined : [namesOf(young, 'waiting'), namesOf(young, 'missing')]).toEqual([
      ['ledger'],
      [],
    ]);
    await applyIsolated(db, batchOf([], [...trades]));
    await force(
      `UPDATE analytics.sync_ledger SET applied_at = applied_at + interval '1 minute', source = 'event' WHERE trade_id = $1`,
      trades[0],
    );
    await force(`UPDATE analytics.sync_ledger SET source = 'event' WHERE trade_id = $1`, trades[1]);
    expect(await traced(order)).toMatchObject({missing: [], late: ['ledger']});
    await force(
      `UPDATE strategy_engine.strategy_signals SET generated_at = generated_at - interval '1 minute' WHERE order_id = $1`,
      order,
    );
    expect(await traced(order)).toMatchObject({missing: [], late: ['order', 'ledger']});
  });

  it('is in quarantine, or rejected by an operator', async () => {
    const {order, trades} = await live({heard: false});
    await force(
      `INSERT INTO analytics.sync_quarantine (kind, event_key, event, reason) SELECT 'trades', t, '{}', 'it contradicts' FROM unnest($1::text[]) AS t`,
      trades,
    );
    const aside = await traced(order);
    expect(aside).toMatchObject({missing: ['ledger']});
    expect(aside?.text).toContain('its event is in quarantine: it contradicts');
    await force(
      `UPDATE analytics.sync_quarantine SET resolved_at = now(), resolution = 'rejected', resolved_by = 'ann' WHERE event_key = ANY ($1)`,
      trades,
    );
    expect(await traced(order)).toMatchObject({missing: []});
    expect((await traced(order))?.text).toContain('rejected by ann');
  });
});

describe('a trade that was changed', () => {
  it('has its correction and its bust with their records, and misses the record that is gone', async () => {
    const gate = bench.gate(await bench.role(['tradetop_operator']));
    const {order, trades} = await live();
    const act = async (id: string, trade: Readonly<Record<string, string>>, key: string | undefined) =>
      gate.run(
        await gate.plan(
          id,
          {kind: 'rows', schema: 'execution', name: 'trades', keys: [key ?? '']},
          {edit: {reason: 'wrong price', trade}},
        ),
      );
    expect(await act('correct-trade', {price: '21'}, trades[0])).toMatchObject({outcome: 'done'});
    expect(await act('bust-trade', {}, trades[1])).toMatchObject({outcome: 'done'});
    for (const id of [order, ...trades]) {
      const changed = await traced(id);
      expect(changed, id).toMatchObject({missing: [], late: [], denied: []});
      expect(changed?.text).toMatch(/corrected: value 80\.0000 → 84\.0000/);
      expect(changed?.text).toMatch(/busted: value 120\.0000 → out/);
      expect(changed?.text).toMatch(/correct-trade .* applied: wrong price/);
      expect(changed?.text).toContain('the trade was busted and counts no more');
    }
    await bench.admin.query('ALTER TABLE shared.audit_log DISABLE TRIGGER audit_log_append_only');
    await bench.admin.query(`DELETE FROM shared.audit_log WHERE table_name = 'execution.trades' AND target = $1`, [
      trades[1],
    ]);
    await bench.admin.query('ALTER TABLE shared.audit_log ENABLE ALWAYS TRIGGER audit_log_append_only');
    expect(await traced(order)).toMatchObject({missing: ['audit']});
  });

  it('is found in the archives of closed months', async () => {
    // Books that do not add up, as the lives of above, are not closed.
    await clearBooks(db.pool);
    const {order, trades} = await live({at: Date.parse('2026-06-10T12:00:00Z') * 1000});
    await force(`UPDATE execution.trades SET created_at = executed_at WHERE order_id = $1`, order);
    await force(`UPDATE analytics.sync_ledger SET applied_at = executed_at WHERE trade_id = ANY ($1)`, trades);
    const gate = bench.gate(await bench.role(['tradetop_operator']));
    expect(await closeBooks(gate, '2026-07')).toMatchObject({outcome: 'done'});
    expect(
      (await bench.admin.query('SELECT FROM execution.archived_trades WHERE order_id = $1', [order])).rowCount,
    ).toBe(2);
    await force(
      `WITH gone AS (DELETE FROM logging.system_logs WHERE correlation_id = $1 RETURNING *)
      INSERT INTO logging.archived_system_logs (id, timestamp, service, level, message, correlation_id, created_at)
      SELECT id, timestamp, service, level, message, correlation_id, created_at FROM gone`,
      trades[0],
    );
    for (const id of [order, ...trades]) {
      const archived = await traced(id);
      expect(archived, id).toMatchObject({missing: [], late: [], denied: []});
      expect(archived?.names.filter(name => name === 'fill' || name === 'log')).toEqual(['fill', 'fill', 'log']);
      expect(archived?.text).toContain('archived');
    }
  });
});

describe('the event of a trade', () => {
  const eventOf = async (id: string) => (await traced(id))?.steps.find(({step}) => step === 'event');

  it('has its times, its entry of the stream and its worker, and says where clocks differ', async () => {
    const {trades, events} = await live({heard: false});
    const [first, second] = events.map(event => syncEventOf(tradeEvent(event), undefined, '1764164000000-7'));
    await force(`INSERT INTO analytics.sync_workers (worker, mode, host, pid, started_at, heartbeat_at)
      VALUES ('one', 'streams', 'h', 1, now() - interval '1 hour', now() + interval '1 hour')`);
    const ahead = {...(second as SyncTrade), at: (second?.at ?? 0) + HOUR};
    await applyIsolated(db, batchOf([first as SyncTrade, ahead]));
    expect(await eventOf(trades[0] ?? '')).toMatchObject({state: 'done', at: first?.at, lagMs: 2});
    const words = `${trades[0]} on data_sync:trades, entry 1764164000000-7 of the stream, published, received 1.0 ms later, applied `;
    expect((await eventOf(trades[0] ?? ''))?.text).toContain(words);
    expect((await eventOf(trades[0] ?? ''))?.text).toMatch(/after that, by one$/);
    const skewed = await traced(trades[1] ?? '');
    expect(skewed?.text).toContain("before that by the worker's clock: the clocks differ");
    // It stands before the ledger all the same.
    const names = skewed?.steps.map(({step}) => step) ?? [];
    expect(names.lastIndexOf('event')).toBeLessThan(names.lastIndexOf('ledger'));
    // A repetition changes nothing of what was known.
    await applyIsolated(db, batchOf([{...(first as SyncTrade), at: (first?.at ?? 0) + 5000, entry: 'later'}]));
    expect(await eventOf(trades[0] ?? '')).toMatchObject({at: first?.at});
    await force('DELETE FROM analytics.sync_workers');
  });

  it('is missing where a repair or a sweep found the trade, and says which', async () => {
    const {trades} = await live({heard: false});
    await force(`INSERT INTO analytics.sync_gaps (worker, reason, started_at, ended_at, recovered, passes, filled_at)
      VALUES ('one', 'disconnect', now() - interval '1 minute', now(), 2, 1, now() + interval '1 minute')`);
    await sweepAll(db);
    expect(await eventOf(trades[0] ?? '')).toMatchObject({
      state: 'missing',
      text: expect.stringMatching(/the repair of gap \d+ \(disconnect, one\) found it in execution\.trades/),
    });
    await force('DELETE FROM analytics.sync_gaps');
    expect((await eventOf(trades[0] ?? ''))?.text).toContain('a sweep or a rebuild found it');
    // Where the event comes after all, it is known.
    await hearTrades(db, ...(await live({heard: false})).events);
  });

  it('came by the WAL, up to a position', async () => {
    const {trades} = await live({heard: false});
    const arrivals = new Map(
      trades.map(id => [id, {publishedAt: nowMicros(), receivedAt: nowMicros(), arrival: 'WAL:1/2A'}]),
    );
    await applyIsolated(db, {...batchOf([], [...trades]), arrivals});
    expect(await eventOf(trades[0] ?? '')).toMatchObject({
      state: 'done',
      text: expect.stringMatching(/^read from the WAL up to 1\/2A, committed, received .* later, applied/),
    });
  });
});

describe('what was judged, told and done about a life', () => {
  it('is in its timeline, with a notification that failed as a missing step', async () => {
    const {order, trades} = await live();
    const account = order.replace('O', 'ACC');
    await force(
      `INSERT INTO risk_management.risk_events (event_type, severity, account_id, message, correlation_id, occurred_at)
       VALUES ('order_rejected', 'info', $1, 'of the order', $2, now()), ('max_exposure', 'critical', $1, 'of the account', NULL, now()),
              ('max_exposure', 'critical', $1, 'of another time', NULL, now() - interval '1 day'),
              ('max_exposure', 'critical', 'someone', 'of another account', NULL, now())`,
      account,
      order,
    );
    await force(
      `INSERT INTO notification.notification_logs (channel, event_type, severity, subject, status, attempts, error, correlation_id, sent_at)
       VALUES ('slack', 'x', 'info', 'it was told', 'sent', 1, NULL, $1, now()), ('email', 'x', 'info', 'nobody heard', 'failed', 3, 'no route', $1, NULL)`,
      trades[0],
    );
    await force(
      `INSERT INTO shared.audit_log (user_id, operation, table_name, target, result)
       SELECT 'ann', 'acknowledge-risk', 'risk_management.risk_events', 'risk_management.risk_events 0, ' || id, 'done'
         FROM risk_management.risk_events WHERE message = 'of the account' AND account_id = $1`,
      account,
    );
    await force(`INSERT INTO shared.audit_log (user_id, operation, table_name, target, result)
      VALUES ('bob', 'halt-strategy', 'strategy_engine.strategies', '${STRATEGY}', 'done')`);
    await force(
      `INSERT INTO analytics.sync_quarantine (kind, event_key, event, reason) VALUES ('trades', $1 || ' ≠ abc', jsonb_build_object('key', $1::text), 'price is 1, not 2')`,
      trades[1],
    );
    const found = await traced(order);
    expect(found).toMatchObject({missing: ['notification'], late: [], denied: []});
    expect(found?.text).toContain('info order_rejected: of the order (nobody has acknowledged it)');
    expect(found?.text).toContain('critical max_exposure: of the account');
    expect(found?.text).not.toMatch(/of another/);
    expect(found?.text).toContain('slack: it was told');
    expect(found?.text).toContain('email: nobody heard (not sent after 3 attempts: no route)');
    expect(found?.text).toContain('ann: acknowledge-risk');
    expect(found?.text).toContain('bob: halt-strategy');
    expect(found?.text).toContain(
      'an event that contradicts it was set aside: price is 1, not 2; open after 1 attempt',
    );
  });
});

describe('what may not be read', () => {
  it('is denied, not missing', async () => {
    const {order} = await live();
    const some = await bench.role([]);
    await bench.admin.query(`GRANT USAGE ON SCHEMA execution, analytics, strategy_engine, logging, shared TO ${some};
      GRANT SELECT ON execution.orders, execution.trades, execution.archived_trades, execution.execution_logs,
        analytics.sync_ledger, analytics.archived_sync_ledger TO ${some}`);
    const pg = openPg(bench.config(some).trading, loadSql(), {name: 'some', ...TRACE_PG, reads: 'as monitor'});
    // Row-level security hides the rows of every account from it.
    expect(await traced(order, pg)).toMatchObject({missing: []});
    expect((await traced(order, pg))?.denied).toEqual(expect.arrayContaining(['order', 'log']));
    await bench.admin.query(`GRANT tradetop_monitor TO ${some}`);
    await bench.admin.query('REVOKE SELECT ON analytics.sync_ledger FROM tradetop_monitor');
    await bench.admin.query(`REVOKE SELECT ON analytics.sync_ledger FROM ${some}`);
    expect(await traced(order)).toMatchObject({missing: [], late: [], denied: ['ledger']});
    await bench.admin.query('GRANT SELECT ON analytics.sync_ledger TO tradetop_monitor');
    await pg.close();
  });

  it('is followed for one trade of an order with too many steps, and bounded for an id with too many log lines', async () => {
    const {order, trades} = await live();
    await force(
      `INSERT INTO execution.execution_logs (order_id, account_id, symbol, step, status, occurred_at, filled)
       SELECT order_id, account_id, symbol, n, 'partially_filled', now(), 1 FROM execution.orders, generate_series(5, 10005) AS n WHERE order_id = $1`,
      order,
    );
    await force(
      `INSERT INTO logging.system_logs (service, message, correlation_id) SELECT 'x', 'line ' || n, $1 FROM generate_series(1, 3000) AS n`,
      trades[0],
    );
    await expect(traced(order)).rejects.toThrow('too many steps');
    const one = await traced(trades[0] ?? '');
    expect(one).toMatchObject({missing: [], late: [], denied: []});
    expect(one?.names.filter(name => name === 'fill')).toHaveLength(1);
    expect(one?.text).toContain('those of its other fills were not read');
    expect(one?.text).toContain('only the newest 50 lines are shown');
    expect(one?.text).toContain('line 3000');
  });

  it('is followed for a correlation id of many orders, and refused beyond 5,000 rows', async () => {
    const lives = await Promise.all(Array.from({length: 25}, () => live()));
    const orders = lives.map(({order}) => order);
    await force(
      "UPDATE strategy_engine.strategy_signals SET correlation_id = 'many' WHERE order_id = ANY ($1::text[])",
      orders,
    );
    const many = await traced('many');
    expect(many).toMatchObject({missing: [], late: [], denied: []});
    expect(many?.names.filter(name => name === 'order')).toHaveLength(25);
    await force(`INSERT INTO strategy_engine.strategy_signals (strategy, symbol, signal, generated_at, correlation_id)
      SELECT '${STRATEGY}', 'S', 'hold', now(), 'many' FROM generate_series(1, 5000)`);
    await expect(traced('many')).rejects.toThrow('too many steps');
  });

  it('is not made of hostile ids', async () => {
    const ids = [
      "'; DROP TABLE execution.orders; --",
      '',
      '%',
      '0',
      '-1',
      '99999999999999999999',
      'x'.repeat(100_000),
      '\u202e\u001b[2J',
      '{a,b}',
      'NULL',
      '\ud800',
    ];
    for (const id of ids) expect(await traced(id), id.slice(0, 40)).toBeUndefined();
    const evil = await live({prefix: 'O\u001b[31m\u202e'});
    const trace = await traced(evil.order);
    expect(trace).toMatchObject({missing: [], late: [], denied: []});
    expect(trace?.steps.find(({step}) => step === 'order')?.of).toBe(keyText(evil.order));
    expect(trace?.text).not.toMatch(/[\u001b\u202e]/);
  });
});

/** What grows with the desk. */
const LARGE =
  /Seq Scan on (?:risk_events|notification_logs|strategy_signals|orders|trades|archived_trades|execution_logs|(?:archived_)?sync_ledger|sync_\w+|portfolio_summary|performance_metrics|\w*system_logs|audit_log)/;

it('reads every large table by an index', async () => {
  const {order} = await live({heard: false});
  await sweepAll(db);
  const asked: {readonly sql: string; readonly params: readonly unknown[]}[] = [];
  const io: Io = {
    pgVersion: monitor.pgVersion,
    query: (sql, params = []) => {
      asked.push({sql, params});
      return monitor.query(sql, params);
    },
  };
  await readTraceFacts(io, order);
  await bench.admin.query('SET enable_seqscan = off');
  const plans: string[] = [];
  for (const {sql, params} of asked.filter(({sql: name}) => name !== 'trace/workers')) {
    const {rows} = await bench.admin.query(`EXPLAIN ${db.sql.statement(sql, db.pgVersion())}`, [...params]);
    plans.push(`${sql}\n${rows.map(row => row['QUERY PLAN']).join('\n')}`);
  }
  await bench.admin.query('RESET enable_seqscan');
  expect(asked.map(({sql}) => sql)).toContain('trace/gaps');
  expect(plans.length).toBeGreaterThan(15);
  expect(plans.filter(plan => LARGE.test(plan))).toEqual([]);
});

describe('tradetop trace', () => {
  it('says by its exit code whether the life is whole', async () => {
    const [whole, broken] = [await live(), await live()];
    await force('DELETE FROM analytics.portfolio_summary WHERE account_id = $1', broken.order.replace('O', 'ACC'));
    const [good, bad, unknown] = await Promise.all([
      run(monitorUser, whole.order, '--json'),
      run(monitorUser, broken.trades[0] ?? ''),
      run(monitorUser, 'nothing'),
    ]);
    expect(good).toMatchObject({code: 0, err: ''});
    expect(JSON.parse(good.out)).toMatchObject({id: whole.order, whole: true, missing: [], late: [], denied: []});
    expect(bad.code).toBe(1);
    expect(bad.out).toContain('Missing: portfolio.');
    expect(unknown).toMatchObject({code: 2, out: ''});
    expect(unknown.err).toContain('Nothing is known of nothing');
  });
});

describe('the trades of a position', () => {
  it('are listed with what was held after each, and summed up on top of closed books; a side that is not known leaves no sum', async () => {
    const {trades} = await live({heard: false});
    const pair = [`ACC-${made}`, `SYM${made}`] as const;
    const read = () => readPositionTrades(monitor, ...pair);
    const heldIn = async () => (await read()).listed.map(({tradeId, held}) => [tradeId, held]);
    await force(
      'INSERT INTO execution.positions (account_id, symbol, quantity, avg_price) VALUES ($1, $2, 10, 20)',
      ...pair,
    );
    const whole = await read();
    expect(whole).toMatchObject({trades: 2, unknown: 0, bought: '10.0000', net: '10.0000', position: '10.0000'});
    expect(differenceOf(whole)).toBe('0');
    expect(await heldIn()).toEqual([
      [trades[1], '10.0000'],
      [trades[0], '4.0000'],
    ]);
    // A closing of long ago, of which another trade of the pair is.
    await force("INSERT INTO analytics.book_closings VALUES ('2020-01-01Z', now(), 'ann', 1, 0, 0, '{}')");
    await force(
      `INSERT INTO analytics.opening_balances (account_id, symbol, closed_before, held, average_cost, last_executed_at,
         last_trade_id, net_quantity, total_value, realized_pnl, total_trades)
       VALUES ($1, $2, '2020-01-01Z', 0, 0, '2019-12-01Z', 'T-old', -3, 60, 0, 1)`,
      ...pair,
    );
    const differs = await read();
    expect([differs.opening, differs.net, differenceOf(differs)]).toEqual(['-3', '7.0000', '3']);
    expect(await heldIn()).toEqual([
      [trades[1], '7.0000'],
      [trades[0], '1.0000'],
    ]);
    await force('UPDATE execution.trades SET side = NULL, order_id = NULL WHERE trade_id = $1', trades[1]);
    expect(differenceOf(await read())).toBeUndefined();
    expect(await heldIn()).toEqual([
      [trades[1], undefined],
      [trades[0], '1.0000'],
    ]);
    expect(await readPositionTrades(monitor, 'none', 'none')).toMatchObject({
      trades: 0,
      listed: [],
      position: undefined,
    });
    const stranger = await bench.role([]);
    const pg = openPg(bench.config(stranger).trading, loadSql(), {name: 'tradetop trace', ...TRACE_PG});
    await expect(readPositionTrades(pg, ...pair)).rejects.toThrow(/permission denied/);
    await pg.close();
    await bench.admin.query('TRUNCATE analytics.book_closings, analytics.opening_balances');
  });
});
