import {describe, expect, it} from 'vitest';
import {sanitise} from '../../src/core/sanitise.ts';
import {drawApp} from '../helpers/state/draw.ts';
import {ALERTS, acting, BUS, DOWN, failing, NOW, SAMPLES, stateOf, waiting} from '../helpers/state/screen.ts';

describe('the whole screen', () => {
  it('shows four panes from 120×30 on', () => {
    expect(drawApp(stateOf({alerts: ALERTS}), 120, 34)).toMatchInlineSnapshot(`
      " tradetop  [DEMO]  Main  PG 18.4 ●  primary  redis ●  ↻ 2 s   ✖ 2                                   12:04:31Z  operator
       412 tx/s ▆▆▇▇▇▇██▇▇▇▇  hit 99.8%  sessions 38/200  (3 active, 1 waiting)  WAL 2.1 MB/s  size 1.4 GB  oldest xact 4s
      ╭─ 1 Trades ────────────────────────── 612/min · lag 9 ms ─╮╭─ 2 Positions ───────────────── 30 open · oldest mark 3s ─╮
      │ TIME         SYMBOL SIDE     QTY     PRICE STRATEGY      ││ ACCOUNT SYMBOL    QTY     MARK         VALUE      UNREAL │
      │▸12:04:31.200 AAPL   buy        5  187.1234 momentum      ││ ACC-01  AAPL      125   187.12     23,390.43     +935.62 │
      │ 12:04:31.027 JPM    sell     430  195.1100 mean_reversi… ││ ACC-01  MSFT      250   402.55    100,637.50   +3,019.13 │
      │ 12:04:30.854 AMZN   buy      355  178.2500 pairs         ││ ACC-01  NVDA      375   881.01    330,378.75   +6,607.58 │
      │ 12:04:30.681 MSFT   buy      280  402.5500 market_making ││ ACC-01  GOOGL     500   171.40     85,701.00     +857.00 │
      │ 12:04:30.508 XOM    sell     205  104.3300 momentum      ││ ACC-01  AMZN      625   178.25    111,406.25        0.00 │
      │ 12:04:30.335 META   buy      130  485.5800 mean_reversi… ││ ACC-01  META      750   485.58    364,185.00   −3,641.85 │
      │ 12:04:30.162 NVDA   buy       55  881.0100 pairs         ││ ACC-01  TSLA      875   201.29    176,128.75   −3,522.58 │
      │ 12:04:29.989 BRK.B  sell     480  612.3450 market_making ││ ACC-01  JPM     1,000   195.11    195,110.00   +7,804.40 │
      │ 12:04:29.816 TSLA   buy      405  201.2900 momentum      ││ ACC-01  XOM     1,125   104.33    117,371.25   +3,521.14 │
      │ 12:04:29.643 GOOGL  buy      330  171.4020 mean_reversi… ││ ACC-01  BRK.B   1,250   612.35    765,431.25  +15,308.63 │
      │ 12:04:29.470 AAPL   sell     255  187.1234 pairs         ││ ACC-02  AAPL    1,375   187.12    257,294.68   +2,572.90 │
      │ 12:04:29.297 JPM    buy      180  195.1100 market_making ││ TOTAL                          19,630,434.53 +243,149.51 │
      ╰─ ▆▇▇▇▇██▇▇ 18s · seen 18,204 · missed 0 ─── 1–12 of 120 ─╯╰─ realised +11,224.50 ─────────────────────── 1–11 of 30 ─╯
      ╭─ 3 Slow queries ───────────────── Δ 2 s · ▲ over 1 s: 2 ─╮╭─ 4 Connection health ───────────────────── ▲ 2 problems ─╮
      │      MEAN % TIME SERVICE         QUERY                   ││   NAME            STATE      IN USE  LATENCY NOTE        │
      │ ▲  8.20 s        strategy_engine [blocked by 4077] UPDA… ││ ● trading         ok           1/10          38/200 ser… │
      │ ▲  1.84 s   71.4 execution       INSERT INTO execution.… ││ ● execution       idle in tx      2          pid 4140 i… │
      │   12.1 ms   18.8 analytics       SELECT s.account_id, s… ││ ▲ strategy_engine blocked         1          by 4077, b… │
      │    0.4 ms    3.4 data_ingestion  INSERT INTO data_inges… ││ ● analytics       active          1          3 sessions  │
      │    3.1 ms    5.7 execution       UPDATE execution.order… ││ ● data_ingestion  active          4          8 sessions  │
      │    0.1 ms    1.9 risk_management SELECT limit_value FRO… ││ ▲ prefect         late runs     0/2   2.0 ms 4 late, 2 … │
      │   41.5 ms    4.8 notification    SELECT id, payload FRO… ││ ● redis           ok              9   0.3 ms 3 subscrib… │
      │                                                          ││ ● bus             ok                  0.3 ms 612/min, 0… │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      ╰─ statements 412 · since reset 3d ────────────────────────╯╰─ reconnects 0 · bus ready since 09:49:59Z ───────────────╯
       ✖ 12:03:50Z  standby-2 does not answer   ▲ 12:04:23Z  strategy_engine blocked by pid 4077 (analytics) for 8s
       1… pane  [ ] view  z zoom  ↑↓ row  ⏎ details  / filter  ! alerts  v verify  V vacuum  : commands  ? help  q quit"
    `);
  });

  it('shows the pane in focus whole on 80×24, and the others in a line each', () => {
    expect(drawApp(stateOf({alerts: ALERTS}), 80, 24)).toMatchInlineSnapshot(`
      " [DEMO]  Main  PG 18.4 ●  redis ●  ↻ 2 s   ✖ 2              12:04:31Z  operator
      ╭─ 1 Trades ────────────────────────────────────────────── 612/min · lag 9 ms ─╮
      │ TIME         SYMBOL SIDE     QTY     PRICE      VALUE STRATEGY       ACCOUNT │
      │▸12:04:31.200 AAPL   buy        5  187.1234     935.62 momentum       ACC-01  │
      │ 12:04:31.027 JPM    sell     430  195.1100  83,897.30 mean_reversion ACC-02  │
      │ 12:04:30.854 AMZN   buy      355  178.2500  63,278.75 pairs          ACC-03  │
      │ 12:04:30.681 MSFT   buy      280  402.5500 112,714.00 market_making  ACC-01  │
      │ 12:04:30.508 XOM    sell     205  104.3300  21,387.65 momentum       ACC-02  │
      │ 12:04:30.335 META   buy      130  485.5800  63,125.40 mean_reversion ACC-03  │
      │ 12:04:30.162 NVDA   buy       55  881.0100  48,455.55 pairs          ACC-01  │
      │ 12:04:29.989 BRK.B  sell     480  612.3450 293,925.60 market_making  ACC-02  │
      │ 12:04:29.816 TSLA   buy      405  201.2900  81,522.45 momentum       ACC-03  │
      │ 12:04:29.643 GOOGL  buy      330  171.4020  56,562.66 mean_reversion ACC-01  │
      │ 12:04:29.470 AAPL   sell     255  187.1234  47,716.47 pairs          ACC-02  │
      │ 12:04:29.297 JPM    buy      180  195.1100  35,119.80 market_making  ACC-03  │
      │ 12:04:29.124 AMZN   buy      105  178.2500  18,716.25 momentum       ACC-01  │
      │ 12:04:28.951 MSFT   sell      30  402.5500  12,076.50 mean_reversion ACC-02  │
      ╰─ ██▇▇▇▇▇▅▅▄▄▄▄▄▃▄▅▄▅▅▆▇▇▇▇██▇▇ 58s · seen 18,204 · missed 0 ─── 1–14 of 120 ─╯
       2 Positions          30 open  19,630,434.53  unreal +243,149.51
       3 Slow queries       ▲ 2 over 1 s  top: 8.20 s UPDATE strategy_engine.strategi…
       4 Connection health  ▲ strategy_engine blocked   ▲ prefect late runs
       5 Sync               ● no problems  committed 6.2 ms  gaps 0 open, 1 filled  r…
       ✖ 12:03:50Z  standby-2 does not answer +1
       1… pane  ⏎ details  ! alerts  v verify  V vacuum  : commands  ? help  q quit"
    `);
  });

  it('shows more columns and rows on 160×48', () => {
    expect(drawApp(stateOf(), 160, 48)).toMatchInlineSnapshot(`
      " tradetop  [DEMO]  Main  127.0.0.1:5432/trading_system  PG 18.4 ●  primary  up 2h14m  redis ●  7.0.15  ↻ 2 s  no alerts                     12:04:31Z  operator
        412 tx/s ▆▆▇▇▇▇██▇▇▇▇  hit  99.8%  sessions  38/200  (3 active, 1 waiting)  WAL  2.1 MB/s  size 1.4 GB  oldest xact 4s
      ╭─ 1 Trades ────────────────────────────────────────────── 612/min · lag 9 ms ─╮╭─ 2 Positions ───────────────────────────────────── 30 open · oldest mark 3s ─╮
      │ TIME         SYMBOL SIDE     QTY     PRICE      VALUE STRATEGY       ACCOUNT ││ ACCOUNT SYMBOL    QTY      AVG     MARK         VALUE      UNREAL       REAL │
      │▸12:04:31.200 AAPL   buy        5  187.1234     935.62 momentum       ACC-01  ││ ACC-01  AAPL      125   179.64   187.12     23,390.43     +935.62      −0.25 │
      │ 12:04:31.027 JPM    sell     430  195.1100  83,897.30 mean_reversion ACC-02  ││ ACC-01  MSFT      250   390.47   402.55    100,637.50   +3,019.13    +311.25 │
      │ 12:04:30.854 AMZN   buy      355  178.2500  63,278.75 pairs          ACC-03  ││ ACC-01  NVDA      375   863.39   881.01    330,378.75   +6,607.58    +622.25 │
      │ 12:04:30.681 MSFT   buy      280  402.5500 112,714.00 market_making  ACC-01  ││ ACC-01  GOOGL     500   169.69   171.40     85,701.00     +857.00    +933.25 │
      │ 12:04:30.508 XOM    sell     205  104.3300  21,387.65 momentum       ACC-02  ││ ACC-01  AMZN      625   178.25   178.25    111,406.25        0.00  −1,244.25 │
      │ 12:04:30.335 META   buy      130  485.5800  63,125.40 mean_reversion ACC-03  ││ ACC-01  META      750   490.44   485.58    364,185.00   −3,641.85  +1,555.25 │
      │ 12:04:30.162 NVDA   buy       55  881.0100  48,455.55 pairs          ACC-01  ││ ACC-01  TSLA      875   205.32   201.29    176,128.75   −3,522.58    +166.25 │
      │ 12:04:29.989 BRK.B  sell     480  612.3450 293,925.60 market_making  ACC-02  ││ ACC-01  JPM     1,000   187.31   195.11    195,110.00   +7,804.40    +477.25 │
      │ 12:04:29.816 TSLA   buy      405  201.2900  81,522.45 momentum       ACC-03  ││ ACC-01  XOM     1,125   101.20   104.33    117,371.25   +3,521.14    −788.25 │
      │ 12:04:29.643 GOOGL  buy      330  171.4020  56,562.66 mean_reversion ACC-01  ││ ACC-01  BRK.B   1,250   600.10   612.35    765,431.25  +15,308.63  +1,099.25 │
      │ 12:04:29.470 AAPL   sell     255  187.1234  47,716.47 pairs          ACC-02  ││ ACC-02  AAPL    1,375   185.25   187.12    257,294.68   +2,572.90  +1,410.25 │
      │ 12:04:29.297 JPM    buy      180  195.1100  35,119.80 market_making  ACC-03  ││ ACC-02  MSFT    1,500   402.55   402.55    603,825.00        0.00     +21.25 │
      │ 12:04:29.124 AMZN   buy      105  178.2500  18,716.25 momentum       ACC-01  ││ ACC-02  NVDA    1,625   889.82   881.01  1,431,641.25  −14,316.41    −332.25 │
      │ 12:04:28.951 MSFT   sell      30  402.5500  12,076.50 mean_reversion ACC-02  ││ ACC-02  GOOGL   1,750   174.83   171.40    299,953.50   −5,999.00    +643.25 │
      │ 12:04:28.778 XOM    buy      455  104.3300  47,470.15 pairs          ACC-03  ││ ACC-02  AMZN    1,875   171.12   178.25    334,218.75  +13,368.75    +954.25 │
      │ 12:04:28.605 META   buy      380  485.5800 184,520.40 market_making  ACC-01  ││ ACC-02  META    2,000   471.01   485.58    971,160.00  +29,134.80  +1,265.25 │
      │ 12:04:28.432 NVDA   sell     305  881.0100 268,708.05 momentum       ACC-02  ││ ACC-02  TSLA    2,125   197.26   201.29    427,741.25   +8,554.83  −1,576.25 │
      │ 12:04:28.259 BRK.B  buy      230  612.3450 140,839.35 mean_reversion ACC-03  ││ ACC-02  JPM     2,250   193.16   195.11    438,997.50   +4,389.98    +187.25 │
      │ 12:04:28.086 TSLA   buy      155  201.2900  31,199.95 pairs          ACC-01  ││ TOTAL                                   19,630,434.53 +243,149.51 +11,224.50 │
      ╰─ ██▇▇▇▇▇▅▅▄▄▄▄▄▃▄▅▄▅▅▆▇▇▇▇██▇▇ 58s · seen 18,204 · missed 0 ─── 1–19 of 120 ─╯╰─ realised +11,224.50 ─────────────────────────────────────────── 1–18 of 30 ─╯
      ╭─ 3 Slow queries ───────────────────────────────────── Δ 2 s · ▲ over 1 s: 2 ─╮╭─ 4 Connection health ───────────────────────────────────────── ▲ 2 problems ─╮
      │      MEAN CALLS/s % TIME SERVICE         QUERY                               ││   NAME            STATE      IN USE IDLE WAIT  LATENCY NOTE                  │
      │ ▲  8.20 s     now        strategy_engine [blocked by 4077] UPDATE strategy_… ││ ● trading         ok           1/10    2    0          38/200 server         │
      │ ▲  1.84 s     1.0   71.4 execution       INSERT INTO execution.trades (trad… ││ ● execution       idle in tx      2    5    0          pid 4140 idle in tx … │
      │   12.1 ms    40.0   18.8 analytics       SELECT s.account_id, s.symbol, sum… ││ ▲ strategy_engine blocked         1    5    1          by 4077, blocked 8s,… │
      │    0.4 ms   210.5    3.4 data_ingestion  INSERT INTO data_ingestion.market_… ││ ● analytics       active          1    5    0          3 sessions            │
      │    3.1 ms    48.0    5.7 execution       UPDATE execution.orders SET status… ││ ● data_ingestion  active          4    5    0          8 sessions            │
      │    0.1 ms   605.0    1.9 risk_management SELECT limit_value FROM risk_manag… ││ ▲ prefect         late runs     0/2    1    0   2.0 ms 4 late, 2 running, 0… │
      │   41.5 ms     3.0    4.8 notification    SELECT id, payload FROM notificati… ││ ● redis           ok              9             0.3 ms 3 subscribers, 0 evi… │
      │                                                                              ││ ● bus             ok                            0.3 ms 612/min, 0 missed, 0… │
      │                                                                              ││                                                                              │
      │                                                                              ││                                                                              │
      │                                                                              ││                                                                              │
      │                                                                              ││                                                                              │
      │                                                                              ││                                                                              │
      │                                                                              ││                                                                              │
      │                                                                              ││                                                                              │
      │                                                                              ││                                                                              │
      │                                                                              ││                                                                              │
      │                                                                              ││                                                                              │
      ╰─ statements 412 · since reset 3d ────────────────────────────────────────────╯╰─ reconnects 0 · bus ready since 09:49:59Z ───────────────────────────────────╯
       5 Sync               ● no problems  committed 6.2 ms  gaps 0 open, 1 filled  recovered 12  quarantine 0

       1… pane  [ ] view  z zoom  ↑↓ row  ⏎ details  h history  / filter  s sort  y copy  p pause  ! alerts  v verify  V vacuum  : commands  ? help  q quit"
    `);
  });

  it('says below 60×15 that the terminal is too small, and shows the alerts', () => {
    expect(drawApp(stateOf({alerts: ALERTS}), 59, 14).trimEnd()).toMatchInlineSnapshot(`
      "tradetop [DEMO]
      59×14 is too small: needs 60×15 or more
       ✖ 12:03:50Z  standby-2 does not answer
       ▲ 12:04:23Z  strategy_engine blocked by pid 4077 (analyt…"
    `);
    expect(drawApp(stateOf(), 40, 10).trimEnd()).toMatchInlineSnapshot(`
      "tradetop [DEMO]
      40×10 is too small: needs 60×15 or more
      no alerts"
    `);
  });

  it('gives the whole screen to a zoomed pane', () => {
    expect(drawApp(stateOf({ui: {zoomed: true, focus: 'health'}}), 100, 16)).toMatchInlineSnapshot(`
      " tradetop  [DEMO]  Main  PG 18.4 ●  primary  redis ●  ↻ 2 s  no alerts          12:04:31Z  operator
      ╭─ 4 Connection health ───────────────────────────────────────────────────────────── ▲ 2 problems ─╮
      │   NAME            KIND     STATE      IN USE IDLE WAIT  LATENCY  SINCE NOTE                      │
      │▸● trading         pool     ok           1/10    2    0           2h14m 38/200 server             │
      │ ● execution       service  idle in tx      2    5    0              3s pid 4140 idle in tx 3s, … │
      │ ▲ strategy_engine service  blocked         1    5    1              8s by 4077, blocked 8s, 2 s… │
      │ ● analytics       service  active          1    5    0                 3 sessions                │
      │ ● data_ingestion  service  active          4    5    0                 8 sessions                │
      │ ▲ prefect         database late runs     0/2    1    0   2.0 ms        4 late, 2 running, 0 fai… │
      │ ● redis           redis    ok              9             0.3 ms  2h14m 3 subscribers, 0 evicted  │
      │ ● bus             bus      ok                            0.3 ms  2h14m 612/min, 0 missed, 0 rej… │
      │                                                                                                  │
      │                                                                                                  │
      ╰─ reconnects 0 · bus ready since 09:49:59Z ───────────────────────────────────────────────────────╯

       1… pane  [ ] view  ⏎ details  / filter  v verify  V vacuum  : commands  ? help  Esc back  q quit"
    `);
  });

  it('says that it waits for the first answers', () => {
    const samples = Object.fromEntries(Object.keys(SAMPLES).map(id => [id, waiting]));
    const bus = {
      tape: [],
      history: [],
      seen: 0,
      perMinute: 0,
      lagMs: undefined,
      marks: new Map(),
      link: {...BUS.link, state: 'connecting', since: NOW - 500_000} as const,
    };
    expect(drawApp(stateOf({samples, bus, tpsHistory: []}), 120, 30)).toMatchInlineSnapshot(`
      " tradetop  [DEMO]  Main  PG ○ waiting  redis ○ connecting  ↻ 2 s  no alerts                         12:04:31Z  operator
       waiting for the server’s figures
      ╭─ 1 Trades ──────────────────────────────── ○ connecting ─╮╭─ 2 Positions ──────────────────────────────── ○ waiting ─╮
      │ ○ connecting to Redis for 0s                             ││ ○ waiting for the first answer                           │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      ╰─ seen 0 · missed 0 ──────────────────────────────────────╯╰──────────────────────────────────────────────────────────╯
      ╭─ 3 Slow queries ───────────────────────────── ○ waiting ─╮╭─ 4 Connection health ───────────────────── ▲ 4 problems ─╮
      │ ○ waiting for the first answer                           ││   NAME     STATE      IN USE WAIT  LATENCY NOTE          │
      │                                                          ││ ▲ trading  waiting      1/10    0          no answer yet │
      │                                                          ││ ▲ prefect  waiting       0/2    0          no answer yet │
      │                                                          ││ ▲ redis    waiting                         no answer yet │
      │                                                          ││ ▲ bus      connecting               0.3 ms 0 drops       │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      │                                                          ││                                                          │
      ╰──────────────────────────────────────────────────────────╯╰─ reconnects 0 · bus connecting since 12:04:30Z ──────────╯

       1… pane  [ ] view  z zoom  ↑↓ row  ⏎ details  / filter  ! alerts  v verify  V vacuum  : commands  ? help  q quit"
    `);
  });

  it('keeps the last rows when the servers are down, and says since when', () => {
    const lost = {
      state: 'down',
      since: NOW - 41_000_000,
      error: sanitise('connect ECONNREFUSED 127.0.0.1:6379'),
      retryAt: NOW + 2_000_000,
      drops: 1,
      latencyMs: undefined,
    } as const;
    const samples = Object.fromEntries(Object.entries(SAMPLES).map(([id, held]) => [id, failing<unknown>(held, DOWN)]));
    expect(drawApp(stateOf({samples, bus: {link: lost}, alerts: ALERTS}), 120, 30)).toMatchInlineSnapshot(`
      " tradetop  [DEMO]  Main  PG 18.4 ✖ down 41s  redis ✖ down 41s  ↻ 2 s   ✖ 2                          12:04:31Z  operator
       412 tx/s ▆▆▇▇▇▇██▇▇▇▇  hit 99.8%  sessions 38/200  (3 active, 1 waiting)  WAL 2.1 MB/s  size 1.4 GB  oldest xact 4s
      ╭─ 1 Trades ────────────────────────────────── ✖ down 41s ─╮╭─ 2 Positions ─────────────────────────────── ✖ down 41s ─╮
      │ ✖ down 41s: connect ECONNREFUSED 127.0.0.1:6379          ││ ✖ down 41s: connect ECONNREFUSED 127.0.0.1:5432          │
      │   rows from 12:04:31Z (0s ago) · next try in 2s          ││   rows from 12:03:49Z (42s ago) · next try in 4s         │
      │ ▲ execution.trades down 41s: connect ECONNREFUSED        ││   Is the server running, and are host and port right?    │
      │   127.0.0.1:5432 · Is the server running, and are host   ││ ACCOUNT SYMBOL    QTY     MARK         VALUE      UNREAL │
      │   and port right?                                        ││ ACC-01  AAPL      125   187.12     23,390.43     +935.62 │
      │ TIME         SYMBOL SIDE     QTY     PRICE STRATEGY      ││ ACC-01  MSFT      250   402.55    100,637.50   +3,019.13 │
      │▸12:04:31.200 AAPL   buy        5  187.1234 momentum      ││ ACC-01  NVDA      375   881.01    330,378.75   +6,607.58 │
      │ 12:04:31.027 JPM    sell     430  195.1100 mean_reversi… ││ ACC-01  GOOGL     500   171.40     85,701.00     +857.00 │
      │ 12:04:30.854 AMZN   buy      355  178.2500 pairs         ││ ACC-01  AMZN      625   178.25    111,406.25        0.00 │
      │ 12:04:30.681 MSFT   buy      280  402.5500 market_making ││ ACC-01  META      750   485.58    364,185.00   −3,641.85 │
      │ 12:04:30.508 XOM    sell     205  104.3300 momentum      ││ TOTAL                          19,630,434.53 +243,149.51 │
      ╰─ ▅▆▇▇▇▇██▇▇ 20s · seen 18,204 · missed 0 ─── 1–5 of 120 ─╯╰─ realised +11,224.50 ──────────────────────── 1–6 of 30 ─╯
      ╭─ 3 Slow queries ──────────────────────────── ✖ down 41s ─╮╭─ 4 Connection health ───────────────────── ▲ 4 problems ─╮
      │ ✖ down 41s: connect ECONNREFUSED 127.0.0.1:5432          ││   NAME     STATE  IN USE IDLE WAIT  LATENCY NOTE         │
      │   rows from 12:03:49Z (42s ago) · next try in 4s         ││ ✖ trading  down     1/10    2    0          connect ECO… │
      │   Is the server running, and are host and port right?    ││ ✖ prefect  down      0/2    1    0          connect ECO… │
      │ ▲ running queries down 41s: connect ECONNREFUSED         ││ ✖ redis    down        9                    connect ECO… │
      │   127.0.0.1:5432 · Is the server running, and are host   ││ ✖ bus      down                             connect ECO… │
      │   and port right?                                        ││                                                          │
      │      MEAN % TIME SERVICE         QUERY                   ││                                                          │
      │ ▲  8.20 s        strategy_engine [blocked by 4077] UPDA… ││                                                          │
      │ ▲  1.84 s   71.4 execution       INSERT INTO execution.… ││                                                          │
      │   12.1 ms   18.8 analytics       SELECT s.account_id, s… ││                                                          │
      │    0.4 ms    3.4 data_ingestion  INSERT INTO data_inges… ││                                                          │
      ╰─ statements 412 · since reset 3d ───────────── 1–4 of 7 ─╯╰─ reconnects 1 · bus down since 12:03:50Z ────────────────╯
       ✖ 12:03:50Z  standby-2 does not answer   ▲ 12:04:23Z  strategy_engine blocked by pid 4077 (analytics) for 8s
       1… pane  [ ] view  z zoom  ↑↓ row  ⏎ details  / filter  ! alerts  v verify  V vacuum  : commands  ? help  q quit"
    `);
  });

  it('says that it is paused, that it is read-only, and that this is PROD', () => {
    const state = stateOf({about: {environment: 'prod'}, ui: {paused: true, readOnly: true}});
    expect(drawApp(state, 120, 34).split('\n')[0]).toMatchInlineSnapshot(
      `" tradetop  [PROD]  Main  PG 18.4 ●  primary  redis ●  ↻ 2 s  no alerts   PAUSED 12:04:31Z          12:04:31Z  read-only"`,
    );
  });

  it('keeps the panes as they were when it was paused, and updates everything else', () => {
    const before = stateOf({ui: {paused: true}});
    const after = stateOf({at: NOW + 61_000_000, ui: {paused: true}, alerts: ALERTS, bus: {tape: []}});
    const {at, samples, bus, pools} = before;
    const [header, , ...rest] = drawApp({...after, frozen: {at, samples, bus, pools}}, 130, 34).split('\n');
    const [, , ...was] = drawApp(before, 130, 34).split('\n');
    expect(header).toContain('PAUSED 12:04:31Z');
    expect(header).toContain('12:05:32Z');
    expect(rest.slice(0, -2)).toEqual(was.slice(0, -2));
    expect(rest.at(-2)).toContain('standby-2 does not answer');
  });

  it('names a standby and a missing right', () => {
    const [row] = SAMPLES.server.rows;
    if (row === undefined) throw new Error('the fixture has no server');
    const server = {...SAMPLES.server, rows: [{...row, standby: true, readsAllStats: false, deadlocks: 2}]};
    expect(
      drawApp(stateOf({samples: {server}}), 140, 34)
        .split('\n')
        .slice(0, 2)
        .join('\n'),
    ).toMatchInlineSnapshot(`
      " tradetop  [DEMO]  Main  127.0.0.1:5432/trading_system  PG 18.4 ●  standby  up 2h14m  redis ●  ↻ 2 s  no alerts         12:04:31Z  operator
        412 tx/s ▆▆▇▇▇▇██▇▇▇▇  hit  99.8%  sessions  38/200  oldest xact 4s  ▲ sees its own sessions only: GRANT pg_monitor"
    `);
  });

  it('shows an action whose dialog is closed in the alert bar', () => {
    const progress = {
      phase: sanitise('vacuuming indexes'),
      percent: 41,
      step: 1,
      steps: 1,
      current: sanitise('execution.trades'),
      blockers: [sanitise('pid 4121 (analytics) for 8s')],
    };
    const alertBar = (columns: number) =>
      drawApp(stateOf({acting: acting({phase: 'running', progress})}), columns, 24)
        .split('\n')
        .at(-2);
    expect(alertBar(118)).toMatchInlineSnapshot(
      `" ▸ VACUUM ANALYZE execution.trades vacuuming indexes 41% · 12s  ▲ blocked by pid 4121 (analytics) for 8s"`,
    );
    expect(alertBar(80)).toMatchInlineSnapshot(`" ▸ VACUUM ANALYZE execution.trades vacuuming indexes 41% · 12s"`);
  });

  it('draws with ASCII alone on request', () => {
    expect(drawApp(stateOf({about: {ascii: true}, alerts: ALERTS}), 80, 15)).toMatchInlineSnapshot(`
      " [DEMO]  Main  PG 18.4 o  redis o  @ 2 s   x 2              12:04:31Z  operator
      +- 1 Trades ---------------------------------------------- 612/min . lag 9 ms -+
      | TIME         SYMBOL SIDE     QTY     PRICE      VALUE STRATEGY       ACCOUNT |
      |>12:04:31.200 AAPL   buy        5  187.1234     935.62 momentum       ACC-01  |
      | 12:04:31.027 JPM    sell     430  195.1100  83,897.30 mean_reversion ACC-02  |
      | 12:04:30.854 AMZN   buy      355  178.2500  63,278.75 pairs          ACC-03  |
      | 12:04:30.681 MSFT   buy      280  402.5500 112,714.00 market_making  ACC-01  |
      | 12:04:30.508 XOM    sell     205  104.3300  21,387.65 momentum       ACC-02  |
      +- %##%%%%%++=====-=+=++*%%%%##%% 1m . seen 18,204 . missed 0 ---- 1-5 of 120 -+
       2 Positions          30 open  19,630,434.53  unreal +243,149.51
       3 Slow queries       ! 2 over 1 s  top: 8.20 s UPDATE strategy_engine.strategi~
       4 Connection health  ! strategy_engine blocked   ! prefect late runs
       5 Sync               o no problems  committed 6.2 ms  gaps 0 open, 1 filled  r~
       x 12:03:50Z  standby-2 does not answer +1
       1 pane  ! alerts  v verify  V vacuum  : commands  ? help  q quit"
    `);
    expect(drawApp(stateOf({about: {ascii: true}, alerts: ALERTS}), 160, 48)).toMatch(/^[ -~\n]*$/);
  });

  it('shows a note for five seconds', () => {
    const note = {text: 'copied 212 characters', at: NOW - 1_000_000};
    const alertBar = (at: number) =>
      drawApp(stateOf({ui: {note: {...note, at}}}), 80, 24)
        .split('\n')
        .at(-2)
        ?.trim();
    expect(alertBar(NOW - 1_000_000)).toBe('copied 212 characters');
    expect(alertBar(NOW - 6_000_000)).toBe('');
  });
});
