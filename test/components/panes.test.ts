import {describe, expect, it} from 'vitest';
import {paneOf} from '../../components/panes/index.ts';
import {positionColumns} from '../../components/panes/positions/columns.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import type {BusState} from '../../src/model/bus-state.ts';
import type {State} from '../../src/model/state.ts';
import {paneUi} from '../../src/store/ui.ts';
import {drawPane} from '../helpers/state/draw.ts';
import {
  BUS,
  bar,
  CHECKS,
  DENIED,
  DOWN,
  failing,
  flowRun,
  maintenance,
  NOW,
  ok,
  order,
  position,
  prefectWorker,
  quality,
  riskEvent,
  riskLimit,
  running,
  SAMPLES,
  stale,
  statement,
  stateOf,
  trade,
  UNSUPPORTED,
  waiting,
  workPool,
} from '../helpers/state/screen.ts';

const quiet: Partial<BusState> = {tape: [], history: [], seen: 0, perMinute: 0, lagMs: undefined, marks: new Map()};
const link = (change: Partial<BusState['link']>): BusState['link'] => ({...BUS.link, ...change});

const briefOf = (id: string, state: State) =>
  paneOf(id)
    .brief(state)
    .map(([text]) => text)
    .join('');

describe('the trades pane', () => {
  it('shows the tape, its rate and its lag', () => {
    expect(drawPane('trades', stateOf(), 60, 9, true)).toMatchInlineSnapshot(`
      "╭─ 1 Trades ────────────────────────── 612/min · lag 9 ms ─╮
      │ TIME         SYMBOL SIDE     QTY     PRICE STRATEGY      │
      │▸12:04:31.200 AAPL   buy        5  187.1234 momentum      │
      │ 12:04:31.027 JPM    sell     430  195.1100 mean_reversi… │
      │ 12:04:30.854 AMZN   buy      355  178.2500 pairs         │
      │ 12:04:30.681 MSFT   buy      280  402.5500 market_making │
      │ 12:04:30.508 XOM    sell     205  104.3300 momentum      │
      │ 12:04:30.335 META   buy      130  485.5800 mean_reversi… │
      ╰─ ▅▆▇▇▇▇██▇▇ 20s · seen 18,204 · missed 0 ─── 1–6 of 120 ─╯"
    `);
  });

  it('keeps the selected row in sight while it has the focus, and follows the newest without it', () => {
    const tape = Array.from({length: 40}, (_, n) => trade(n));
    const state = stateOf({bus: {tape}});
    const panes = {...state.ui.panes, trades: {...paneUi(state.ui, 'trades'), selected: String(trade(30).tradeId)}};
    const chosen = {...state, ui: {...state.ui, panes}};
    expect(drawPane('trades', chosen, 60, 9, true)).toMatch(/─ 28–33 of 40 ─/);
    expect(drawPane('trades', chosen, 60, 9, false)).toMatch(/─ 1–6 of 40 ─/);
  });

  it('shows more columns where there is room, and marks trades that did not arrive on the bus', () => {
    const tape = [trade(0), trade(1), trade(2, {from: 'table', lagMs: undefined}), trade(3, {side: undefined})];
    expect(drawPane('trades', stateOf({bus: {tape}}), 118, 7)).toMatchInlineSnapshot(`
      "╭─ 1 Trades ──────────────────────────────────────────────────────────────────────────────────── 612/min · lag 9 ms ─╮
      │ TIME         SYMBOL SIDE     QTY     PRICE      VALUE STRATEGY     ACCOUNT        P&L    FEE     LAG TYPE    FROM  │
      │ 12:04:31.200 AAPL   buy        5  187.1234     935.62 momentum     ACC-01           –   1.25    9 ms opening bus   │
      │ 12:04:31.027 JPM    sell     430  195.1100  83,897.30 mean_revers… ACC-02     +123.45   2.25   10 ms closing bus   │
      │·12:04:30.854 AMZN   buy      355  178.2500  63,278.75 pairs        ACC-03           –   3.25       – opening table │
      │ 12:04:30.681 MSFT   –        280  402.5500 112,714.00 market_maki… ACC-01           –   4.25   12 ms opening bus   │
      ╰─ ▅▆▇▇█▇██▇▇▆▆▆▅▅▄▄▄▄▄▃▄▅▄▅▅▆▇▇▇▇██▇▇▇▇▇▅▅▄▄▄▄▄▃▄▅▄▅▅▆▇▇▇▇██▇▇ 2m · seen 18,204 · missed 0 ─────────────────────────╯"
    `);
  });

  it('counts missed trades, rejected messages and gaps', () => {
    const state = stateOf({bus: {tape: [trade(0)], missed: 3, rejected: 2, gaps: 1}});
    expect(drawPane('trades', state, 80, 5)).toMatchInlineSnapshot(`
      "╭─ 1 Trades ────────────────────────────────────────────── 612/min · lag 9 ms ─╮
      │ TIME         SYMBOL SIDE     QTY     PRICE      VALUE STRATEGY ACCOUNT FROM  │
      │ 12:04:31.200 AAPL   buy        5  187.1234     935.62 momentum ACC-01  bus   │
      │                                                                              │
      ╰─ ▅▄▄▄▄▄▃▄▅▄▅▅▆▇▇▇▇██▇▇ 42s · seen 18,204 · missed 3 · rejected 2 · gaps 1 ───╯"
    `);
  });

  it('says that it waits', () => {
    const state = stateOf({
      samples: {trades: waiting},
      bus: {...quiet, link: link({state: 'connecting', since: NOW - 1_000_000})},
    });
    expect(drawPane('trades', state, 60, 5)).toMatchInlineSnapshot(`
      "╭─ 1 Trades ──────────────────────────────── ○ connecting ─╮
      │ ○ connecting to Redis for 1s                             │
      │                                                          │
      │                                                          │
      ╰─ seen 0 · missed 0 ──────────────────────────────────────╯"
    `);
  });

  it('says that there was no trade yet', () => {
    const state = stateOf({samples: {trades: ok([])}, bus: quiet});
    expect(drawPane('trades', state, 60, 5)).toMatchInlineSnapshot(`
      "╭─ 1 Trades ───────────────────────────── 0/min · lag n/a ─╮
      │ no trade yet: listening on data_sync:trades              │
      │                                                          │
      │                                                          │
      ╰─ seen 0 · missed 0 ──────────────────────────────────────╯"
    `);
  });

  it('keeps the tape when Redis is down, with the reason and the next try', () => {
    const lost = link({
      state: 'down',
      since: NOW - 41_000_000,
      error: sanitise('connect ECONNREFUSED 127.0.0.1:6379'),
      retryAt: NOW + 2_000_000,
      drops: 1,
    });
    expect(drawPane('trades', stateOf({bus: {link: lost}}), 60, 8)).toMatchInlineSnapshot(`
      "╭─ 1 Trades ────────────────────────────────── ✖ down 41s ─╮
      │ ✖ down 41s: connect ECONNREFUSED 127.0.0.1:6379          │
      │   rows from 12:04:31Z (0s ago) · next try in 2s          │
      │ TIME         SYMBOL SIDE     QTY     PRICE STRATEGY      │
      │ 12:04:31.200 AAPL   buy        5  187.1234 momentum      │
      │ 12:04:31.027 JPM    sell     430  195.1100 mean_reversi… │
      │ 12:04:30.854 AMZN   buy      355  178.2500 pairs         │
      ╰─ ▅▆▇▇▇▇██▇▇ 20s · seen 18,204 · missed 0 ─── 1–3 of 120 ─╯"
    `);
  });

  it('says that Redis denies access', () => {
    const refused = link({
      state: 'denied',
      since: NOW - 3_000_000,
      error: sanitise('NOPERM this user has no permissions to access one of the channels'),
    });
    expect(drawPane('trades', stateOf({bus: {...quiet, link: refused}}), 60, 6)).toMatchInlineSnapshot(`
      "╭─ 1 Trades ───────────────────────────────── ▲ denied 3s ─╮
      │ ▲ denied 3s: NOPERM this user has no permissions to      │
      │   access one of the channels                             │
      │                                                          │
      │                                                          │
      ╰──────────────────────────────────────────────────────────╯"
    `);
  });

  it('says that the table cannot be read while the bus works', () => {
    const state = stateOf({bus: {tape: [trade(0)]}, samples: {trades: failing(SAMPLES.trades, DENIED)}});
    expect(drawPane('trades', state, 60, 7)).toMatchInlineSnapshot(`
      "╭─ 1 Trades ────────────────────────── 612/min · lag 9 ms ─╮
      │ ▲ execution.trades denied 41s: permission denied for     │
      │   view pg_stat_statements · Connect as tradetop_monitor  │
      │   or tradetop_operator, or GRANT pg_monitor to this …    │
      │ TIME          SYMBOL  SIDE      QTY      PRICE  STRATEGY │
      │ 12:04:31.200  AAPL    buy         5   187.1234  momentum │
      ╰─ ▇▅▅▄▄▄▄▄▃▄▅▄▅▅▆▇▇▇▇██▇▇ 46s · seen 18,204 · missed 0 ───╯"
    `);
  });
});

describe('the positions pane', () => {
  it('shows each position at its mark, and the totals', () => {
    expect(
      drawPane('positions', stateOf({samples: {positions: ok([0, 1, 5].map(n => position(n)))}}), 96, 8),
    ).toMatchInlineSnapshot(`
      "╭─ 2 Positions ────────────────────────────────────────────────────── 3 open · oldest mark 1s ─╮
      │ ACCOUNT SYMBOL    QTY      AVG     MARK      VALUE    UNREAL      REAL MARKED CHANGED        │
      │ ACC-01  AAPL      125   179.64   187.12  23,390.43   +935.62     −0.25     1s      5s        │
      │ ACC-01  MSFT      250   390.47   402.55 100,637.50 +3,019.13   +311.25     1s      6s        │
      │ ACC-01  META      750   490.44   485.58 364,185.00 −3,641.85 +1,555.25     2s     10s        │
      │ TOTAL                                   488,212.93   +312.89 +1,866.25                       │
      │                                                                                              │
      ╰─ realised +1,866.25 ─────────────────────────────────────────────────────────────────────────╯"
    `);
  });

  it('recomputes value and unrealised P&L from a newer mark, exactly', () => {
    const held = position(0, {quantity: '1234567.8901', avgPrice: '0.3333', markAt: NOW - 9_000_000});
    const marks = new Map([['AAPL', {price: '0.33331', at: NOW - 2_000_000}]]);
    const state = stateOf({samples: {positions: ok([held])}, bus: {marks}});
    // 1234567.8901 × 0.33331 = 411,493.823449…; × 0.00001 = 12.345678901
    expect(drawPane('positions', state, 96, 5)).toMatchInlineSnapshot(`
      "╭─ 2 Positions ────────────────────────────────────────────────────── 1 open · oldest mark 1s ─╮
      │ ACCOUNT SYMBOL            QTY      AVG     MARK      VALUE    UNREAL      REAL MARKED        │
      │ ACC-01  AAPL   1,234,567.8901     0.33     0.33 411,493.82    +12.35     −0.25     2s        │
      │                                                                                              │
      ╰─ realised −0.25 ─────────────────────────────────────────────────────────────────────────────╯"
    `);
  });

  it('names the oldest mark, and dims what a stale one makes of value and profit', () => {
    const old = {markAt: NOW - 62_000_000, unrealizedPnl: '5.0000'};
    const state = stateOf({samples: {positions: ok([position(0, old), position(1)])}, bus: {marks: new Map()}});
    expect(drawPane('positions', state, 70, 6).split('\n')[0]).toContain('2 open · oldest mark 1m1s · 1 stale');
    const styles = (stale: boolean) =>
      ['mark', 'market_value', 'unrealized_pnl', 'realized_pnl'].map(id =>
        positionColumns.find(column => column.id === id)?.style?.({...position(0, old), realizedPnl: '-1.0000', stale}),
      );
    expect(styles(true)).toEqual(['faint', 'faint', 'faint', 'loss']);
    expect(styles(false)).toEqual([undefined, undefined, 'gain', 'loss']);
  });

  it('shows unknown values as n/a, never as 0', () => {
    const unknown = position(0, {
      mark: undefined,
      markAt: undefined,
      marketValue: undefined,
      unrealizedPnl: undefined,
      lastUpdated: undefined,
    });
    const state = stateOf({samples: {positions: ok([unknown, position(1)])}, bus: {marks: new Map()}});
    expect(drawPane('positions', state, 96, 6)).toMatchInlineSnapshot(`
      "╭─ 2 Positions ────────────────────────────────────────────────────── 2 open · oldest mark 1s ─╮
      │ ACCOUNT SYMBOL    QTY      AVG     MARK      VALUE    UNREAL      REAL MARKED CHANGED        │
      │ ACC-01  AAPL      125   179.64      n/a        n/a       n/a     −0.25    n/a     n/a        │
      │ ACC-01  MSFT      250   390.47   402.55 100,637.50 +3,019.13   +311.25     2s      6s        │
      │                                                                                              │
      ╰─ realised +311.00 · 1 without a price ───────────────────────────────────────────────────────╯"
    `);
  });

  it('shows that it is empty, waits, is stale, is down', () => {
    const show = (positions: typeof SAMPLES.positions) => drawPane('positions', stateOf({samples: {positions}}), 60, 6);
    expect(show(ok([]))).toMatchInlineSnapshot(`
      "╭─ 2 Positions ──────────────────────── 0 open · no marks ─╮
      │ no open position                                         │
      │                                                          │
      │                                                          │
      │                                                          │
      ╰──────────────────────────────────────────────────────────╯"
    `);
    expect(show(waiting)).toMatchInlineSnapshot(`
      "╭─ 2 Positions ──────────────────────────────── ○ waiting ─╮
      │ ○ waiting for the first answer                           │
      │                                                          │
      │                                                          │
      │                                                          │
      ╰──────────────────────────────────────────────────────────╯"
    `);
    expect(show(stale(ok([position(0)])))).toMatchInlineSnapshot(`
      "╭─ 2 Positions ────────────────────────────────── ▲ stale ─╮
      │ ▲ stale: no new rows                                     │
      │   rows from 12:04:19Z (12s ago)                          │
      │ ACCOUNT  SYMBOL     QTY      MARK       VALUE     UNREAL │
      │ ACC-01   AAPL       125    187.12   23,390.43    +935.62 │
      ╰─ realised −0.25 ─────────────────────────────────────────╯"
    `);
    expect(show(failing(ok([position(0)]), DOWN))).toMatchInlineSnapshot(`
      "╭─ 2 Positions ─────────────────────────────── ✖ down 41s ─╮
      │ ✖ down 41s: connect ECONNREFUSED 127.0.0.1:5432          │
      │   rows from 12:03:49Z (42s ago) · next try in 4s         │
      │ ACCOUNT  SYMBOL     QTY      MARK       VALUE     UNREAL │
      │ ACC-01   AAPL       125    187.12   23,390.43    +935.62 │
      ╰─ realised −0.25 ─────────────────────────────────────────╯"
    `);
  });
});

describe('the orders pane', () => {
  it('puts stuck orders before the other open ones, then rejected and finished ones', () => {
    const stuck = order(1, {
      status: sanitise('submitted'),
      orderType: sanitise('market'),
      price: undefined,
      idleSeconds: 75,
    });
    const [open, , ...ended] = SAMPLES.orders.rows;
    const state = stateOf({samples: {orders: ok([open, stuck, ...ended].filter(row => row !== undefined))}});
    expect(drawPane('orders', state, 80, 8, true)).toMatchInlineSnapshot(`
      "╭─ Orders ──────────────── 2 open · ▲ 1 stuck · rejects 5/min · fills 213/min ─╮
      │      AGE SYMBOL SIDE TYPE      QTY FILLED    PRICE STATUS    STRATEGY    TIF │
      │▸▲    47s JPM    sell market    100     50        – submitted mean_rever… day │
      │      40s AAPL   buy  limit      50     25   187.12 partial   momentum    day │
      │      54s AMZN   buy  limit     150      0   178.25 rejected  pairs       day │
      │     1m1s MSFT   buy  limit     200    200   402.55 filled    market_mak… day │
      │                                                                              │
      ╰─ oldest open 47s · usual: rejects 6/min · fills 211/min ─────────────────────╯"
    `);
    expect(drawPane('orders', state, 158, 8)).toMatchInlineSnapshot(`
      "╭─ Orders ────────────────────────────────────────────────────────────────────────────────────────────── 2 open · ▲ 1 stuck · rejects 5/min · fills 213/min ─╮
      │       AGE  SYMBOL  SIDE  TYPE       QTY  FILLED  FILL %     PRICE  STATUS     STRATEGY        ACCOUNT  TIF  CHANGED  ORDER              REASON             │
      │ ▲     47s  JPM     sell  market     100      50     50%         –  submitted  mean_reversion  ACC-02   day       4s  O-20261122-009201                     │
      │       40s  AAPL    buy   limit       50      25     50%    187.12  partial    momentum        ACC-01   day       3s  O-20261122-009200                     │
      │       54s  AMZN    buy   limit      150       0      0%    178.25  rejected   pairs           ACC-03   day       5s  O-20261122-009202  symbol is halted   │
      │      1m1s  MSFT    buy   limit      200     200    100%    402.55  filled     market_making   ACC-01   day       6s  O-20261122-009203                     │
      │                                                                                                                                                            │
      ╰─ oldest open 47s · usual: rejects 6/min · fills 211/min · rejected 2.7%, usual 3.0%, most of momentum ─────────────────────────────────────────────────────╯"
    `);
    expect(briefOf('orders', state)).toMatchInlineSnapshot(
      `"2 open · ▲ 1 stuck  oldest 47s · rejects 5/min · fills 213/min"`,
    );
  });

  it('says what it does not know of rates, and why', () => {
    const state = stateOf({samples: {orders: ok([]), order_rates: failing(waiting, DENIED)}});
    expect(drawPane('orders', state, 80, 6)).toMatchInlineSnapshot(`
      "╭─ Orders ────────────────────────────────── 0 open · rejects n/a · fills n/a ─╮
      │ ▲ rates by strategy denied 41s: permission denied for view                   │
      │   pg_stat_statements · Connect as tradetop_monitor or tradetop_operator, or  │
      │   GRANT pg_monitor to this role.                                             │
      │ no order yet                                                                 │
      ╰─ oldest open n/a · usual: rejects n/a · fills n/a ───────────────────────────╯"
    `);
  });
});

describe('the risk pane', () => {
  it('shows what is used of each limit, and the open events, the worst first', () => {
    expect(drawPane('risk', stateOf(), 80, 9, true)).toMatchInlineSnapshot(`
      "╭─ Risk ────────────────────────────── ▲ 1 event · 4 limits · most used 50.0% ─╮
      │   OWNER       LIMIT OR EVENT     USED %         USED   AGE NOTE              │
      │▸▲ ACC-02      max_exposure              1,260,000.00    4m Exposure of ACC-… │
      │ ● ACC-01      max_exposure        50.0%   750,000.00                         │
      │ ● ACC-01 NVDA position_quantity   50.0%       500.00                         │
      │ ● ACC-01      max_position_value  25.0%   100,000.00       ACC-01 NVDA       │
      │ ● ACC-01      max_daily_loss        n/a          n/a                         │
      │ ● ACC-02      max_exposure              1,260,000.00   15m acknowledged by … │
      ╰─ open events 2, 1 acknowledged ──────────────────────────────────────────────╯"
    `);
    expect(drawPane('risk', stateOf(), 158, 9)).toMatchInlineSnapshot(`
      "╭─ Risk ──────────────────────────────────────────────────────────────────────────────────────────────────────────── ▲ 1 event · 4 limits · most used 50.0% ─╮
      │   KIND     OWNER       LIMIT OR EVENT     USED %         USED        LIMIT   HEADROOM  %/MIN FULL IN   AGE NOTE                                            │
      │ ▲ event    ACC-02      max_exposure              1,260,000.00 1,500,000.00                 –       –    4m Exposure of ACC-02 is 84 % of its limit.        │
      │ ● limit    ACC-01      max_exposure        50.0%   750,000.00 1,500,000.00 750,000.00  +0.4%    2h5m                                                       │
      │ ● position ACC-01 NVDA position_quantity   50.0%       500.00     1,000.00     500.00      –       –                                                       │
      │ ● limit    ACC-01      max_position_value  25.0%   100,000.00   400,000.00 300,000.00  −0.1%       –       ACC-01 NVDA                                     │
      │ ● limit    ACC-01      max_daily_loss        n/a          n/a 1,500,000.00        n/a      –       –                                                       │
      │ ● event    ACC-02      max_exposure              1,260,000.00 1,500,000.00                 –       –   15m acknowledged by anna · Exposure of ACC-02 is 8… │
      ╰─ open events 2, 1 acknowledged ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯"
    `);
    expect(briefOf('risk', stateOf())).toMatchInlineSnapshot(`"▲ 1 event · 4 limits  most used 50.0%"`);
  });

  it('counts breaches, and keeps what it knows of limits while events are denied', () => {
    const breached = riskLimit({
      used: '1600000.0000',
      percent: 106.7,
      headroom: '-100000.0000',
      breachSeconds: undefined,
    });
    const events = failing(ok([riskEvent({severity: sanitise('critical')})]), DENIED);
    const state = stateOf({samples: {risk_limits: ok([breached]), risk_events: events}});
    expect(drawPane('risk', state, 80, 9)).toMatchInlineSnapshot(`
      "╭─ Risk ──────────────────── ✖ 1 limit, 1 event · 2 limits · most used 106.7% ─╮
      │ ▲ risk events denied 41s: permission denied for view pg_stat_statements ·    │
      │   Connect as tradetop_monitor or tradetop_operator, or GRANT pg_monitor to   │
      │   this role.                                                                 │
      │   KIND     OWNER    LIMIT OR EVENT    USED %         USED   AGE NOTE         │
      │ ✖ event    ACC-02   max_exposure             1,260,000.00    4m Exposure of… │
      │ ✖ limit    ACC-01   max_exposure      106.7% 1,600,000.00                    │
      │ ● position ACC-01 … position_quantity  50.0%       500.00                    │
      ╰─ open events 1, 0 acknowledged ──────────────────────────────────────────────╯"
    `);
  });
});

describe('the market data pane', () => {
  it('shows each symbol’s last bar against its own interval, and the findings about its data', () => {
    expect(drawPane('market_data', stateOf(), 80, 8, true)).toMatchInlineSnapshot(`
      "╭─ Market data ──────────────────────────────────────── 4 symbols · none late ─╮
      │   SYMBOL     LAST    BAR USUAL  LATE   BUS FOUND QUALITY                     │
      │▸▲ TSLA     201.29    31s    1m  0.5×    2s     2 warning gap: three bars ar… │
      │ ● AAPL     187.12    31s    1m  0.5×    1s                                   │
      │ ● MSFT     402.55    31s    1m  0.5×    1s                                   │
      │ ● NVDA     881.01    31s    1m  0.5×    1s                                   │
      │                                                                              │
      ╰─ 2 open findings in the last day ────────────────────────────────────────────╯"
    `);
    expect(drawPane('market_data', stateOf(), 140, 8)).toMatchInlineSnapshot(`
      "╭─ Market data ──────────────────────────────────────────────────────────────────────────────────────────────────── 4 symbols · none late ─╮
      │   SYMBOL     LAST    BAR USUAL  LATE   BUS BUS PRICE   VOLUME INGEST FOUND QUALITY                                              SOURCE   │
      │ ▲ TSLA     201.29    31s    1m  0.5×    2s    201.29   12,400            2 warning gap: three bars are missing                  vendor-a │
      │ ● AAPL     187.12    31s    1m  0.5×    1s    187.12   12,400 ok                                                                vendor-a │
      │ ● MSFT     402.55    31s    1m  0.5×    1s    402.55   12,400 ok                                                                vendor-a │
      │ ● NVDA     881.01    31s    1m  0.5×    1s    881.01   12,400                                                                            │
      │                                                                                                                                          │
      ╰─ 2 open findings in the last day ────────────────────────────────────────────────────────────────────────────────────────────────────────╯"
    `);
  });

  it('puts late symbols first, and shows findings about no symbol or one without bars', () => {
    const late = bar(2, {lastAt: NOW - 200e6, ageSeconds: 200});
    const once = bar(1, {intervalSeconds: undefined, ageSeconds: 90_000, lastAt: NOW - 90_000e6});
    const found = [quality({symbol: undefined, severity: sanitise('critical')}), quality({symbol: sanitise('NEW')})];
    const state = stateOf({samples: {market_data: ok([bar(0), once, late]), market_quality: ok(found)}});
    expect(drawPane('market_data', state, 80, 9)).toMatchInlineSnapshot(`
      "╭─ Market data ─────────────────────────────────── 3 symbols · ▲ 1 late: NVDA ─╮
      │   SYMBOL     LAST    BAR USUAL  LATE   BUS FOUND QUALITY                     │
      │ ✖ (all)       n/a    n/a               n/a     2 critical gap: three bars a… │
      │ ▲ NEW         n/a    n/a               n/a     2 warning gap: three bars ar… │
      │ ▲ NVDA     881.01  3m20s    1m  3.3×    1s                                   │
      │ ● AAPL     187.12    31s    1m  0.5×    1s                                   │
      │ ● MSFT     402.55   1d1h                1s                                   │
      │                                                                              │
      ╰─ 4 open findings in the last day ────────────────────────────────────────────╯"
    `);
    expect(briefOf('market_data', state)).toMatchInlineSnapshot(`"3 symbols · ▲ 1 late: NVDA"`);
  });
});

describe('the logs pane', () => {
  it('shows log lines and failed notifications, the newest first, and counts by level and service', () => {
    expect(drawPane('logs', stateOf(), 80, 8, true)).toMatchInlineSnapshot(`
      "╭─ Logs & notifications ─── ▲ 1 not sent · 6 errors · 14 warnings · in 10 min ─╮
      │ TIME       LEVEL   SERVICE          TEXT                                     │
      │▸12:04:29   INFO    execution        buy AAPL                                 │
      │ 12:04:22 ▲ WARNING analytics        The account report took 1.84 s.          │
      │ 12:03:11 ▲ ERROR   execution        23514: quantity must be positive         │
      │ 11:59:31 ▲ failed  notification de… HTTP 503 · Order O-1 rejected            │
      │                                                                              │
      ╰─ execution 2,906 (6 errors) · analytics 14 ──────────────────────────────────╯"
    `);
    expect(drawPane('logs', stateOf(), 140, 8)).toMatchInlineSnapshot(`
      "╭─ Logs & notifications ─────────────────────────────────────────────────────────────── ▲ 1 not sent · 6 errors · 14 warnings · in 10 min ─╮
      │ TIME       LEVEL   SERVICE           EVENT             TEXT                                                               CORRELATION    │
      │ 12:04:29   INFO    execution         trade_executed    buy AAPL                                                           T-20261122-01… │
      │ 12:04:22 ▲ WARNING analytics         slow_query        The account report took 1.84 s.                                    –              │
      │ 12:03:11 ▲ ERROR   execution         statement_refused 23514: quantity must be positive                                   T-20261122-01… │
      │ 11:59:31 ▲ failed  notification desk order_rejected    HTTP 503 · Order O-1 rejected                                      O-1            │
      │                                                                                                                                          │
      ╰─ execution 2,906 (6 errors) · analytics 14 ──────────────────────────────────────────────────────────────────────────────────────────────╯"
    `);
    expect(briefOf('logs', stateOf())).toMatchInlineSnapshot(
      `"▲ 1 not sent · 6 errors · 14 warnings · in 10 min  last analytics: The account report took 1.84 s."`,
    );
  });
});

describe('the prefect pane', () => {
  it('shows what is late, runs or failed, then workers and pools, the worst first', () => {
    const runs = [
      flowRun({
        kind: 'late',
        seconds: 80,
        at: NOW - 80e6,
        stateType: sanitise('SCHEDULED'),
        stateName: sanitise('Late'),
      }),
      ...SAMPLES.prefect_runs.rows,
    ];
    const workers = [
      prefectWorker({seconds: 400, at: NOW - 400e6, online: 0}),
      workPool({status: sanitise('NOT_READY'), online: 0}),
    ];
    const state = stateOf({samples: {prefect_runs: ok(runs), prefect_workers: ok(workers)}});
    expect(drawPane('prefect', state, 80, 9, true)).toMatchInlineSnapshot(`
      "╭─ Prefect ────────────────────────── ▲ 4 late · 2 running · 0 failed in 24 h ─╮
      │   KIND   FLOW OR NAME STATE        AGE  USUAL NOTE                           │
      │▸▲ run    end-of-day   late       1m20s     2m brave-otter · Late             │
      │ ▲ worker worker-1     silent     6m40s        pool default                   │
      │ ▲ pool   default      not ready               process · 0 workers            │
      │ ● run    end-of-day   running     1m2s     2m brave-otter · Running          │
      │ ● run    end-of-day   crashed       2h        old-newt · Crashed · a later … │
      │                                                                              │
      ╰─ workers 0 heard, 1 silent ──────────────────────────────────────────────────╯"
    `);
    expect(briefOf('prefect', state)).toMatchInlineSnapshot(`"▲ 4 late · 2 running · 0 failed in 24 h"`);
  });

  it('says that Prefect has no tables yet', () => {
    const prefect = ok([{initialised: false, lateRuns: 0, runningRuns: 0, failedRuns: 0, latencyMs: 1}]);
    const state = stateOf({samples: {prefect, prefect_runs: ok([]), prefect_workers: ok([])}});
    expect(drawPane('prefect', state, 80, 6)).toMatchInlineSnapshot(`
      "╭─ Prefect ──────────────────────────────────────────────────── no tables yet ─╮
      │ ▲ Prefect has not made its tables yet: prefect server database upgrade -y    │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰─ workers 0 heard, 0 silent ──────────────────────────────────────────────────╯"
    `);
  });
});

describe('the checks pane', () => {
  it('shows which checks fail, since when, and what they found', () => {
    const state = stateOf({checks: {at: NOW - 40e6, results: CHECKS}});
    expect(drawPane('checks', state, 80, 9, true)).toMatchInlineSnapshot(`
      "╭─ Checks ─────────────────── ✖ 1 failed · ▲ 1 warning · 2 passed · 1 skipped ─╮
      │   CHECK            STATUS  SINCE ROWS    RAN     TOOK NOTE                   │
      │▸✖ trades_of_orders fail       5m    2    40s  31.0 ms trade_id T-20261122-0… │
      │ ▲ partitions_ahead warn       5m    1    40s   4.0 ms table_name data_inges… │
      │ ○ prefect          skip                  40s   0.0 ms not run: permission d… │
      │ ● schemas          pass                  40s   2.0 ms every schema is there  │
      │ ● dead_rows        pass                  40s   3.0 ms no table has more dea… │
      │                                                                              │
      ╰─ last run 40s ago · v runs all now ──────────────────────────────────────────╯"
    `);
    expect(drawPane('checks', state, 158, 9)).toMatchInlineSnapshot(`
      "╭─ Checks ───────────────────────────────────────────────────────────────────────────────────────────────── ✖ 1 failed · ▲ 1 warning · 2 passed · 1 skipped ─╮
      │   CHECK            GROUP  STATUS  SINCE ROWS    RAN     TOOK EVERY NOTE                                                           DEMANDS                  │
      │ ✖ trades_of_orders data   fail       5m    2    40s  31.0 ms   15m trade_id T-20261122-000017 · order_id O-20261122-000009        every trade has its ord… │
      │ ▲ partitions_ahead setup  warn       5m    1    40s   4.0 ms   15m table_name data_ingestion.market_data · ready_until 2027-01-01 three months of partiti… │
      │ ○ prefect          health skip                  40s   0.0 ms    1m not run: permission denied for table flow_run                  Prefect’s tables can be… │
      │ ● schemas          setup  pass                  40s   2.0 ms   15m every schema is there                                                                   │
      │ ● dead_rows        health pass                  40s   3.0 ms    1m no table has more dead rows than live ones                                              │
      │                                                                                                                                                            │
      ╰─ last run 40s ago · v runs all now ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯"
    `);
    expect(briefOf('checks', state)).toMatchInlineSnapshot(`"✖ 1 failed · ▲ 1 warning · 2 passed · 1 skipped"`);
  });

  it('waits for the first run, and says why there is none', () => {
    expect(drawPane('checks', stateOf(), 80, 5)).toMatchInlineSnapshot(`
      "╭─ Checks ───────────────────────────────────────────────────────── ○ waiting ─╮
      │ ○ waiting for the first answer                                               │
      │                                                                              │
      │                                                                              │
      ╰─ last run n/a ago · v runs all now ──────────────────────────────────────────╯"
    `);
    const error = sanitise('connect ECONNREFUSED 127.0.0.1:5432');
    const down = stateOf({checks: {at: NOW - 90e6, results: CHECKS.slice(1, 2), error}});
    expect(drawPane('checks', down, 80, 7)).toMatchInlineSnapshot(`
      "╭─ Checks ──────────────────────────────────────────────────────────── ✖ down ─╮
      │ ✖ down: connect ECONNREFUSED 127.0.0.1:5432                                  │
      │   rows from 12:03:01Z (1m30s ago)                                            │
      │   CHECK            STATUS  SINCE ROWS    RAN     TOOK NOTE                   │
      │ ▲ partitions_ahead warn       5m    1    40s   4.0 ms table_name data_inges… │
      │                                                                              │
      ╰─ last run 1m30s ago · v runs all now ────────────────────────────────────────╯"
    `);
  });
});

describe('the audit pane', () => {
  it('says who did what to what, and how it ended', () => {
    expect(drawPane('audit', stateOf(), 80, 6, true)).toMatchInlineSnapshot(`
      "╭─ Audit ───────────────────────────────────────────────────── last 2 records ─╮
      │ TIME        AGE WHO      OPERATION      TARGET                       RESULT  │
      │▸11:54:31    10m anna     vacuum-analyze execution.trades             done    │
      │ 11:53:53 10m38s anna     vacuum-analyze execution.trades             begun   │
      │                                                                              │
      ╰─ shared.audit_log ───────────────────────────────────────────────────────────╯"
    `);
    expect(drawPane('audit', stateOf(), 140, 6)).toMatchInlineSnapshot(`
      "╭─ Audit ───────────────────────────────────────────────────────────────────────────────────────────────────────────────── last 2 records ─╮
      │ TIME        AGE WHO      OPERATION      TARGET                                        RESULT     ROWS    TOOK DB USER           FROM     │
      │ 11:54:31    10m anna     vacuum-analyze execution.trades                              done    412,000  38.2 s tradetop_operator 10.0.0.7 │
      │ 11:53:53 10m38s anna     vacuum-analyze execution.trades                              begun                   tradetop_operator 10.0.0.7 │
      │                                                                                                                                          │
      ╰─ shared.audit_log ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯"
    `);
  });
});

describe('the maintenance pane', () => {
  it('shows each job with its last and next run: what runs, then what is wrong, then what comes next', () => {
    const jobs = [
      ...SAMPLES.maintenance.rows,
      maintenance('archive-logs', {runningAt: NOW - 90e6, runningHost: sanitise('db-ops-2')}),
      maintenance('backup-age', {outcome: sanitise('failed'), detail: sanitise('The last backup: none in 31 days.')}),
      maintenance('analyze', {nextAt: NOW - 7200e6, lateSeconds: 600}),
      maintenance('detach-partitions', {nextAt: undefined, lateSeconds: undefined}),
    ];
    const state = stateOf({samples: {maintenance: ok(jobs)}});
    expect(drawPane('maintenance', state, 80, 10, true)).toMatchInlineSnapshot(`
      "╭─ Maintenance ─────────── ▲ 1 missed · 1 failed · archive-logs runs · 6 jobs ─╮
      │   JOB               STATE        NEXT ENDED   WHAT WAS DONE                  │
      │▸● archive-logs      running    in 23h done    24 of 24 tables done; 4,120 o… │
      │ ▲ analyze           late       2h ago done    24 of 24 tables done; 4,120 o… │
      │ ▲ backup-age        failed     in 23h failed  The last backup: none in 31 d… │
      │ ● purge-logs        planned    in 22h done    24 of 24 tables done; 4,120 o… │
      │ ● vacuum-analyze    planned    in 23h done    24 of 24 tables done; 4,120 o… │
      │ ● detach-partitions off             – done    24 of 24 tables done; 4,120 o… │
      │                                                                              │
      ╰─ tradetop maintain --schedule runs them ─────────────────────────────────────╯"
    `);
    expect(drawPane('maintenance', state, 158, 10)).toMatchInlineSnapshot(`
      "╭─ Maintenance ─────────────────────────────────────────────────────────────────────────── ▲ 1 missed · 1 failed · archive-logs runs · 6 jobs · next 10:04Z ─╮
      │   JOB               STATE        NEXT   LAST ENDED      TOOK HOST     WHAT WAS DONE                                                                        │
      │ ● archive-logs      running    in 23h   1h1m done         2m db-ops-2 24 of 24 tables done; 4,120 of 4,120 dead rows removed.                              │
      │ ▲ analyze           late       2h ago   1h1m done         2m db-ops-1 24 of 24 tables done; 4,120 of 4,120 dead rows removed.                              │
      │ ▲ backup-age        failed     in 23h   1h1m failed       2m db-ops-1 The last backup: none in 31 days.                                                    │
      │ ● purge-logs        planned    in 22h   1h1m done         2m db-ops-1 24 of 24 tables done; 4,120 of 4,120 dead rows removed.                              │
      │ ● vacuum-analyze    planned    in 23h   1h1m done         2m db-ops-1 24 of 24 tables done; 4,120 of 4,120 dead rows removed.                              │
      │ ● detach-partitions off             –   1h1m done         2m db-ops-1 24 of 24 tables done; 4,120 of 4,120 dead rows removed.                              │
      │                                                                                                                                                            │
      ╰─ tradetop maintain --schedule runs them ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯"
    `);
    expect(briefOf('maintenance', state)).toMatchInlineSnapshot(
      `"▲ 1 missed · 1 failed · archive-logs runs · 6 jobs · next 10:04Z"`,
    );
  });

  it('says how to begin where nothing is scheduled', () => {
    expect(drawPane('maintenance', stateOf({samples: {maintenance: ok([])}}), 80, 5)).toMatchInlineSnapshot(`
      "╭─ Maintenance ─────────────────────────────────────────────────────── 0 jobs ─╮
      │ nothing is scheduled: tradetop maintain --schedule runs maintenance by       │
      │ itself                                                                       │
      │                                                                              │
      ╰─ tradetop maintain --schedule runs them ─────────────────────────────────────╯"
    `);
  });
});

describe('the analytics pane', () => {
  it('shows the strategies’ days and the accounts', () => {
    expect(drawPane('analytics', stateOf(), 80, 9, true)).toMatchInlineSnapshot(`
      "╭─ Analytics ─────────────────────── today 8,240 trades · realised +11,924.25 ─╮
      │ NAME     DAY         TRADES  WIN %   REALISED     UNREAL        VALUE OPEN   │
      │▸momentum today        4,120  54.3% +12,004.50                                │
      │ pairs    today        4,120      –     −80.25                                │
      │ ACC-01   all days     6,200           −310.40  +9,220.17 1,412,004.11   12   │
      │ ACC-02   all days     6,200           −310.40        n/a          n/a   12   │
      │ momentum 2026-11-21   4,120  54.3% +12,004.50                                │
      │                                                                              │
      ╰─ all days: realised −620.80 · unrealised n/a ────────────────────────────────╯"
    `);
    expect(drawPane('analytics', stateOf(), 140, 9)).toMatchInlineSnapshot(`
      "╭─ Analytics ─────────────────────────────────────────────────────────────────────────────────── today 8,240 trades · realised +11,924.25 ─╮
      │ KIND     NAME     DAY        STATUS   TRADES  WIN % DECIDED   REALISED     UNREAL        VALUE         TRADED OPEN     ENGINE CHANGED    │
      │ strategy momentum today      active    4,120  54.3%   1,800 +12,004.50                          81,204,331.20      +12,004.50      1s    │
      │ strategy pairs    today      active    4,120      –       0     −80.25                          81,204,331.20      +12,004.50      1s    │
      │ account  ACC-01   all days             6,200                   −310.40  +9,220.17 1,412,004.11 120,433,112.00   12                 1s    │
      │ account  ACC-02   all days             6,200                   −310.40        n/a          n/a 120,433,112.00   12                 1s    │
      │ strategy momentum 2026-11-21 active    4,120  54.3%   1,800 +12,004.50                          81,204,331.20      +11,990.50      1s    │
      │                                                                                                                                          │
      ╰─ all days: realised −620.80 · unrealised n/a ────────────────────────────────────────────────────────────────────────────────────────────╯"
    `);
    expect(briefOf('analytics', stateOf())).toMatchInlineSnapshot(`"today 8,240 trades · realised +11,924.25"`);
  });
});

describe('the slow queries pane', () => {
  it('puts queries that have been running too long before the statements of the interval', () => {
    expect(drawPane('slow_queries', stateOf(), 60, 10)).toMatchInlineSnapshot(`
      "╭─ 3 Slow queries ───────────────── Δ 2 s · ▲ over 1 s: 2 ─╮
      │      MEAN % TIME SERVICE         QUERY                   │
      │ ▲  8.20 s        strategy_engine [blocked by 4077] UPDA… │
      │ ▲  1.84 s   71.4 execution       INSERT INTO execution.… │
      │   12.1 ms   18.8 analytics       SELECT s.account_id, s… │
      │    0.4 ms    3.4 data_ingestion  INSERT INTO data_inges… │
      │    3.1 ms    5.7 execution       UPDATE execution.order… │
      │    0.1 ms    1.9 risk_management SELECT limit_value FRO… │
      │   41.5 ms    4.8 notification    SELECT id, payload FRO… │
      ╰─ statements 412 · since reset 3d ────────────────────────╯"
    `);
  });

  it('shows more figures where there is room', () => {
    const state = stateOf({samples: {statements: ok([statement(0), statement(4)]), running: ok([running()])}});
    expect(drawPane('slow_queries', state, 158, 6)).toMatchInlineSnapshot(`
      "╭─ 3 Slow queries ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────── Δ 2 s · ▲ over 1 s: 2 ─╮
      │      MEAN CALLS/s % TIME  CALLS    TOTAL   ROWS    HIT SERVICE             PID BLOCKED BY QUERY                                                            │
      │ ▲  8.20 s     now                                      strategy_engine    4121 4077       [blocked by 4077] UPDATE strategy_engine.strategies SET paramet… │
      │ ▲  1.84 s     1.0   71.4      2   3.68 s  210.0  99.1% execution                          INSERT INTO execution.trades (trade_id, order_id, account_id, s… │
      │    0.1 ms   605.0    1.9  1,210  96.8 ms    1.0        risk_management                    SELECT limit_value FROM risk_management.risk_limits WHERE accou… │
      ╰─ statements 412 · since reset 3d ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯"
    `);
  });

  it('says what is missing, and what to do', () => {
    const state = stateOf({samples: {statements: failing(waiting, UNSUPPORTED), running: ok([])}});
    expect(drawPane('slow_queries', state, 60, 8)).toMatchInlineSnapshot(`
      "╭─ 3 Slow queries ───────────────────── ▲ unsupported 41s ─╮
      │ ▲ unsupported 41s: pg_stat_statements must be loaded via │
      │   shared_preload_libraries                               │
      │   not retried automatically                              │
      │   Add pg_stat_statements to shared_preload_libraries and │
      │   restart PostgreSQL.                                    │
      │                                                          │
      ╰──────────────────────────────────────────────────────────╯"
    `);
  });

  it('shows running queries while it may not read statements', () => {
    const state = stateOf({samples: {statements: failing(waiting, DENIED), running: ok([running()])}});
    expect(drawPane('slow_queries', state, 80, 8)).toMatchInlineSnapshot(`
      "╭─ 3 Slow queries ────────────────────────────────────────────── ▲ denied 41s ─╮
      │ ▲ denied 41s: permission denied for view pg_stat_statements                  │
      │   not retried automatically                                                  │
      │   Connect as tradetop_monitor or tradetop_operator, or GRANT pg_monitor to   │
      │   this role.                                                                 │
      │      MEAN CALLS/s % TIME SERVICE         QUERY                               │
      │ ▲  8.20 s     now        strategy_engine [blocked by 4077] UPDATE strategy_… │
      ╰─ statements 412 · since reset 3d ────────────────────────────────────────────╯"
    `);
  });

  it('says that sessions are not tracked, never that no statement ran or none is slow', () => {
    const none = {statements: ok([]), running: ok([]), running_info: ok([{untracked: 3}])};
    expect(drawPane('slow_queries', stateOf({samples: none}), 60, 8)).toMatchInlineSnapshot(`
      "╭─ 3 Slow queries ───────────────────────── ▲ not tracked ─╮
      │ ▲ not tracked: 3 sessions without track_activities: what │
      │   they run is not known                                  │
      │   Run as a superuser: ALTER SYSTEM SET track_activities  │
      │   = on; SELECT pg_reload_conf();                         │
      │                                                          │
      │                                                          │
      ╰─ statements 412 · since reset 3d ────────────────────────╯"
    `);
    expect(briefOf('slow_queries', stateOf({samples: none}))).toMatchInlineSnapshot(`"▲ not tracked"`);
    const some = stateOf({samples: {...none, statements: ok([statement(4)])}});
    expect(drawPane('slow_queries', some, 60, 8)).toMatchInlineSnapshot(`
      "╭─ 3 Slow queries ───────── Δ 2 s · ▲ over 1 s: not known ─╮
      │ ▲ 3 sessions without track_activities: what they run is  │
      │   not known · Run as a superuser: ALTER SYSTEM SET       │
      │   track_activities = on; SELECT pg_reload_conf();        │
      │      MEAN % TIME SERVICE         QUERY                   │
      │    0.1 ms    1.9 risk_management SELECT limit_value FRO… │
      │                                                          │
      ╰─ statements 412 · since reset 3d ────────────────────────╯"
    `);
  });

  it('has what the services measured of themselves after the statements', () => {
    const service_performance = ok([
      {
        service: sanitise('execution'),
        queries: 12_400,
        slow: 3,
        meanSeconds: 0.0042,
        slowest: sanitise('SELECT pg_sleep(?)'),
        slowestMs: 3200,
      },
      {
        service: sanitise('logging'),
        queries: 60,
        slow: 0,
        meanSeconds: undefined,
        slowest: undefined,
        slowestMs: undefined,
      },
    ]);
    const state = stateOf({samples: {statements: ok([statement(4)]), running: ok([]), service_performance}});
    expect(drawPane('slow_queries', state, 100, 7)).toMatchInlineSnapshot(`
      "╭─ 3 Slow queries ─────────────────────────────────────────────────────────── Δ 2 s · over 1 s: 0 ─╮
      │      MEAN CALLS/s % TIME  CALLS    TOTAL SERVICE         QUERY                                   │
      │    0.1 ms   605.0    1.9  1,210  96.8 ms risk_management SELECT limit_value FROM risk_managemen… │
      │    4.2 ms    20.7        12,400          execution       3 slow in 10 min: 3.20 s SELECT pg_sle… │
      │               0.1            60          logging         0 slow in 10 min, by its own measure    │
      │                                                                                                  │
      ╰─ statements 412 · since reset 3d ────────────────────────────────────────────────────────────────╯"
    `);
  });

  it('says that the list is incomplete', () => {
    const unknown = {statsReset: undefined, intervalSeconds: undefined, lastDeallocAt: undefined};
    const info = ok([{statements: 5000, dealloc: 1200, ...unknown}]);
    const state = stateOf({samples: {statements: ok([]), running: ok([]), statements_info: info}});
    expect(drawPane('slow_queries', state, 60, 5)).toMatchInlineSnapshot(`
      "╭─ 3 Slow queries ─────────── first reading · over 1 s: 0 ─╮
      │ no statement ran in this time                            │
      │                                                          │
      │                                                          │
      ╰─ statements 5,000 · 1,200 evicted: incomplete ───────────╯"
    `);
  });
});

describe('the health pane', () => {
  it('tells the present fact first, and after it the last error with its age', () => {
    const lastFailure = {at: NOW - 90_000_000, failure: DOWN};
    const state = stateOf({samples: {prefect: {...SAMPLES.prefect, lastFailure}}});
    expect(drawPane('health', state, 160, 11)).toMatchInlineSnapshot(`
      "╭─ 4 Connection health ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────── ▲ 2 problems ─╮
      │   NAME            KIND     STATE      IN USE IDLE WAIT  LATENCY  SINCE NOTE                                                   LAST ERROR                     │
      │ ● trading         pool     ok           1/10    2    0           2h14m 38/200 server                                                                         │
      │ ● execution       service  idle in tx      2    5    0              3s pid 4140 idle in tx 3s, 6 sessions                                                    │
      │ ▲ strategy_engine service  blocked         1    5    1              8s by 4077, blocked 8s, 2 sessions                                                       │
      │ ● analytics       service  active          1    5    0                 3 sessions                                                                            │
      │ ● data_ingestion  service  active          4    5    0                 8 sessions                                                                            │
      │ ▲ prefect         database late runs     0/2    1    0   2.0 ms        4 late, 2 running, 0 failed in 24h · 1m30s ago: conne… 1m30s ago: connect ECONNREFUS… │
      │ ● redis           redis    ok              9             0.3 ms  2h14m 3 subscribers, 0 evicted                                                              │
      │ ● bus             bus      ok                            0.3 ms  2h14m 612/min, 0 missed, 0 rejected                                                         │
      ╰─ reconnects 0 · bus ready since 09:49:59Z ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯"
    `);
  });

  it('has a row for each connection', () => {
    expect(drawPane('health', stateOf(), 80, 11)).toMatchInlineSnapshot(`
      "╭─ 4 Connection health ───────────────────────────────────────── ▲ 2 problems ─╮
      │   NAME            STATE      IN USE IDLE WAIT  LATENCY NOTE                  │
      │ ● trading         ok           1/10    2    0          38/200 server         │
      │ ● execution       idle in tx      2    5    0          pid 4140 idle in tx … │
      │ ▲ strategy_engine blocked         1    5    1          by 4077, blocked 8s,… │
      │ ● analytics       active          1    5    0          3 sessions            │
      │ ● data_ingestion  active          4    5    0          8 sessions            │
      │ ▲ prefect         late runs     0/2    1    0   2.0 ms 4 late, 2 running, 0… │
      │ ● redis           ok              9             0.3 ms 3 subscribers, 0 evi… │
      │ ● bus             ok                            0.3 ms 612/min, 0 missed, 0… │
      ╰─ reconnects 0 · bus ready since 09:49:59Z ───────────────────────────────────╯"
    `);
  });

  it('shows why a connection is down', () => {
    const lost = link({
      state: 'down',
      since: NOW - 41_000_000,
      error: sanitise('connect ECONNREFUSED'),
      retryAt: NOW + 2_000_000,
      drops: 1,
    });
    const state = stateOf({
      bus: {link: lost},
      samples: {server: failing(SAMPLES.server, DOWN), redis: failing(SAMPLES.redis, DOWN)},
    });
    expect(drawPane('health', state, 100, 11)).toMatchInlineSnapshot(`
      "╭─ 4 Connection health ───────────────────────────────────────────────────────────── ▲ 5 problems ─╮
      │   NAME            KIND     STATE      IN USE IDLE WAIT  LATENCY  SINCE NOTE                      │
      │ ✖ trading         pool     down         1/10    2    0             41s connect ECONNREFUSED 127… │
      │ ● execution       service  idle in tx      2    5    0              3s pid 4140 idle in tx 3s, … │
      │ ▲ strategy_engine service  blocked         1    5    1              8s by 4077, blocked 8s, 2 s… │
      │ ● analytics       service  active          1    5    0                 3 sessions                │
      │ ● data_ingestion  service  active          4    5    0                 8 sessions                │
      │ ▲ prefect         database late runs     0/2    1    0   2.0 ms        4 late, 2 running, 0 fai… │
      │ ✖ redis           redis    down            9                       41s connect ECONNREFUSED 127… │
      │ ✖ bus             bus      down                          0.3 ms    41s connect ECONNREFUSED · 1… │
      ╰─ reconnects 1 · bus down since 12:03:50Z ────────────────────────────────────────────────────────╯"
    `);
  });
});

describe('a pane', () => {
  const filtered = (filter: string) => {
    const state = stateOf();
    return {...state, ui: {...state.ui, panes: {positions: {...paneUi(state.ui, 'positions'), filter}}}};
  };

  it('shows the rows that match its filter', () => {
    expect(drawPane('positions', filtered('msft'), 60, 7)).toMatchInlineSnapshot(`
      "╭─ 2 Positions /msft ─────────── 30 open · oldest mark 3s ─╮
      │ ACCOUNT SYMBOL    QTY     MARK        VALUE     UNREAL   │
      │ ACC-01  MSFT      250   402.55   100,637.50  +3,019.13   │
      │ ACC-02  MSFT    1,500   402.55   603,825.00       0.00   │
      │ ACC-03  MSFT    2,750   402.55 1,107,012.50 +44,280.50   │
      │ TOTAL                          1,811,475.00 +47,299.63   │
      ╰─ realised +11,224.50 ────────────────────────────────────╯"
    `);
  });

  it('says when nothing matches, and when the expression is not valid', () => {
    expect(drawPane('positions', filtered('!re:A'), 60, 4)).toMatchInlineSnapshot(`
      "╭─ 2 Positions /!re:A ────────── 30 open · oldest mark 3s ─╮
      │ no row matches /!re:A (Esc clears it)                    │
      │                                                          │
      ╰─ realised +11,224.50 ────────────────────────────────────╯"
    `);
    expect(drawPane('positions', filtered('re:('), 60, 5)).toMatchInlineSnapshot(`
      "╭─ 2 Positions /re:( ─────────── 30 open · oldest mark 3s ─╮
      │ ▲ filter: not a regular expression: unterminated group   │
      │ ACCOUNT  SYMBOL     QTY      MARK       VALUE     UNREAL │
      │ ACC-01   AAPL       125    187.12   23,390.43    +935.62 │
      ╰─ realised +11,224.50 ──────────────────────── 1–1 of 30 ─╯"
    `);
  });

  it('keeps the selected row in sight, and shows the order', () => {
    const state = stateOf();
    const trades = {selected: 'T-20261122-018144', filter: '', sort: 'quantity', reverse: true};
    const ui = {...state.ui, panes: {...state.ui.panes, trades}};
    expect(drawPane('trades', {...state, ui}, 60, 9, true)).toMatchInlineSnapshot(`
      "╭─ 1 Trades ────────────────────────── 612/min · lag 9 ms ─╮
      │ TIME         SYMBOL SIDE    QTY↑     PRICE STRATEGY      │
      │ 12:04:31.200 AAPL   buy        5  187.1234 momentum      │
      │ 12:04:27.740 AAPL   buy        5  187.1234 momentum      │
      │ 12:04:24.280 AAPL   sell       5  187.1234 momentum      │
      │▸12:04:20.820 AAPL   buy        5  187.1234 momentum      │
      │ 12:04:17.360 AAPL   buy        5  187.1234 momentum      │
      │ 12:04:13.900 AAPL   sell       5  187.1234 momentum      │
      ╰─ ▅▆▇▇▇▇██▇▇ 20s · seen 18,204 · missed 0 ─── 1–6 of 120 ─╯"
    `);
  });
});
