import {Box} from 'ink';
import {createElement} from 'react';
import {describe, expect, it} from 'vitest';
import {themeOf} from '../../components/lines/theme.ts';
import {OverlayLayer} from '../../components/overlays/OverlayLayer.tsx';
import {PANES} from '../../components/panes/index.ts';
import {digitOf} from '../../components/views.ts';
import type {Reject} from '../../src/bus/event.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import {BINDINGS, bindingsIn} from '../../src/input/bindings.ts';
import type {NumberedReject} from '../../src/model/bus-state.ts';
import type {State} from '../../src/model/state.ts';
import type {Overlay} from '../../src/model/ui-state.ts';
import {createNumberHistory} from '../../src/store/history.ts';
import {draw, drawApp} from '../helpers/state/draw.ts';
import {
  acting,
  CHECKS,
  DOWN,
  failing,
  NOW,
  OUTCOME,
  ok,
  PLAN,
  progress,
  SAMPLES,
  type StateChange,
  stale,
  stateOf,
  trade,
  waiting,
} from '../helpers/state/screen.ts';

/** The overlay alone, without what is around it. */
function drawOverlay(state: State, columns = 80, rows = 24): string {
  const layer = createElement(OverlayLayer, {state, columns, rows, theme: themeOf(state)});
  const screen = draw(createElement(Box, {height: rows}, layer), columns);
  const lines = screen.split('\n').filter(line => line.trim() !== '');
  const left = Math.min(...lines.map(line => line.search(/\S/)));
  return lines.map(line => line.slice(left)).join('\n');
}

const show = (overlay: Overlay, change: StateChange = {}, columns = 80, rows = 24) =>
  drawOverlay(stateOf({...change, ui: {...change.ui, overlay}}), columns, rows);
const act: Overlay = {kind: 'act', focus: 'cancel', typed: ''};

describe('the dialog of an action', () => {
  it('says what will happen, on what, with the exact SQL; Cancel has the focus', () => {
    expect(show(act, {acting: acting()})).toMatchInlineSnapshot(`
      "╭─ VACUUM ANALYZE execution.trades ───────────────────────────────── [DEMO] ─╮
      │ VACUUM (ANALYZE, VERBOSE) "execution"."trades"                             │
      │                                                                            │
      │   size         1.2 GB                                                      │
      │ ▲ dead rows    412,000 of 9.1 M (4.5 %)                                    │
      │   last run     2d ago, took 41 s                                           │
      │   lock         ShareUpdateExclusive: reads and writes continue             │
      │   blocked by   nobody                                                      │
      │   oldest xmin  4s                                                          │
      │ ▲ desk         market OPEN, 48 open positions                              │
      │                                                                            │
      │                            [ Cancel ]     Run                              │
      ╰─ y run · Tab other button · ⏎ press · Esc cancel ──────────────────────────╯"
    `);
  });

  it('lies over the screen', () => {
    expect(drawApp(stateOf({acting: acting(), ui: {overlay: act}}), 80, 24)).toMatchInlineSnapshot(`
      " [DEMO]  Main  PG 18.4 ●  redis ●  ↻ 2 s  no alerts         12:04:31Z  operator
      ╭─ 1 Trades ────────────────────────────────────────────── 612/min · lag 9 ms ─╮
      │ TIME         SYMBOL SIDE     QTY     PRICE      VALUE STRATEGY       ACCOUNT │
      │▸12:04:31.200 AAPL   buy        5  187.1234     935.62 momentum       ACC-01  │
      │ 12:04:31.027 JPM    sell     430  195.1100  83,897.30 mean_reversion ACC-02  │
      │╭─ VACUUM ANALYZE execution.trades ───────────────────────────────── [DEMO] ─╮│
      ││ VACUUM (ANALYZE, VERBOSE) "execution"."trades"                             ││
      ││                                                                            ││
      ││   size         1.2 GB                                                      ││
      ││ ▲ dead rows    412,000 of 9.1 M (4.5 %)                                    ││
      ││   last run     2d ago, took 41 s                                           ││
      ││   lock         ShareUpdateExclusive: reads and writes continue             ││
      ││   blocked by   nobody                                                      ││
      ││   oldest xmin  4s                                                          ││
      ││ ▲ desk         market OPEN, 48 open positions                              ││
      ││                                                                            ││
      ││                            [ Cancel ]     Run                              ││
      ╰╰─ y run · Tab other button · ⏎ press · Esc cancel ──────────────────────────╯╯
       2 Positions          30 open  19,630,434.53  unreal +243,149.51                
       3 Slow queries       ▲ 2 over 1 s  top: 8.20 s UPDATE strategy_engine.strategi…
       4 Connection health  ▲ strategy_engine blocked   ▲ prefect late runs           
       5 Sync               ● no problems  committed 6.2 ms  gaps 0 open, 1 filled  r…

       ↑↓ scroll  Tab Cancel/Run  ⏎ press  y run  Esc back"
    `);
  });

  it('asks for the target’s name in PROD', () => {
    const overlay: Overlay = {...act, typed: 'execution.tra'};
    expect(
      show(overlay, {acting: acting(), about: {environment: 'prod'}})
        .split('\n')
        .slice(-5)
        .join('\n'),
    ).toMatchInlineSnapshot(`
      "│                                                                            │
      │ Type execution.trades to confirm: execution.tra▏                           │
      │                                                                            │
      │                            [ Cancel ]     Run                              │
      ╰─ type the name · Tab, ⏎ run · Esc cancel ──────────────────────────────────╯"
    `);
  });

  it('says why it cannot be run, and offers no Run', () => {
    const refusal = sanitise(
      'Another console runs this on execution.trades: tradetop_operator@10.0.0.7, since 12:03:58Z.',
    );
    expect(
      show(act, {acting: acting({plan: {...PLAN, refusal}})})
        .split('\n')
        .slice(-6)
        .join('\n'),
    ).toMatchInlineSnapshot(`
      "│                                                                            │
      │ ✖ Another console runs this on execution.trades:                           │
      │ tradetop_operator@10.0.0.7, since 12:03:58Z.                               │
      │                                                                            │
      │                                 [ Cancel ]                                 │
      ╰─ ⏎ Cancel ─────────────────────────────────────────────────────────────────╯"
    `);
  });

  it('counts statements beyond the first', () => {
    const sql = Array.from({length: 9}, (_, i) => sanitise(`VACUUM (ANALYZE, VERBOSE) "execution"."t${i}"`));
    expect(show(act, {acting: acting({plan: {...PLAN, sql, facts: []}})})).toMatchInlineSnapshot(`
      "╭─ VACUUM ANALYZE execution.trades ───────────────────────────────── [DEMO] ─╮
      │ VACUUM (ANALYZE, VERBOSE) "execution"."t0"                                 │
      │ VACUUM (ANALYZE, VERBOSE) "execution"."t1"                                 │
      │ VACUUM (ANALYZE, VERBOSE) "execution"."t2"                                 │
      │ VACUUM (ANALYZE, VERBOSE) "execution"."t3"                                 │
      │ VACUUM (ANALYZE, VERBOSE) "execution"."t4"                                 │
      │ VACUUM (ANALYZE, VERBOSE) "execution"."t5"                                 │
      │ and 3 more statements                                                      │
      │                                                                            │
      │                                                                            │
      │                            [ Cancel ]     Run                              │
      ╰─ y run · Tab other button · ⏎ press · Esc cancel ──────────────────────────╯"
    `);
  });

  it('says that it checks the target before it asks', () => {
    expect(show(act, {acting: acting({phase: 'planning', plan: undefined})})).toMatchInlineSnapshot(`
      "╭─ VACUUM ANALYZE execution.trades ───────────────────────────────── [DEMO] ─╮
      │ ○ checking execution.trades …  12s                                         │
      ╰─ Esc back ─────────────────────────────────────────────────────────────────╯"
    `);
  });

  it('shows the progress and who blocks it', () => {
    const progress = {
      phase: sanitise('vacuuming indexes'),
      percent: 41,
      step: 2,
      steps: 5,
      current: sanitise('execution.trades'),
      blockers: [sanitise('pid 4121 (analytics) for 8s')],
    };
    expect(show(act, {acting: acting({phase: 'running', progress})})).toMatchInlineSnapshot(`
      "╭─ VACUUM ANALYZE execution.trades ───────────────────────────────── [DEMO] ─╮
      │ VACUUM (ANALYZE, VERBOSE) "execution"."trades"                             │
      │                                                                            │
      │ 2 of 5  execution.trades                                                   │
      │ ████████████████░░░░░░░░░░░░░░░░░░░░░░░░ 41%  vacuuming indexes  12s       │
      │ ▲ blocked by pid 4121 (analytics) for 8s                                   │
      ╰─ Ctrl-X cancel on the server · Esc leave it running ───────────────────────╯"
    `);
    expect(show(act, {acting: acting({phase: 'running'})}).split('\n')[3]).toMatchInlineSnapshot(
      `"│ ○ started, the server has reported no progress yet  12s                    │"`,
    );
    const unknown = {...progress, percent: undefined, steps: 1, blockers: []};
    expect(show(act, {acting: acting({phase: 'running', progress: unknown})}).split('\n')[3]).toMatchInlineSnapshot(
      `"│ vacuuming indexes  12s                                                     │"`,
    );
  });

  it('says how it ended', () => {
    const ended = (outcome: typeof OUTCOME) => show(act, {acting: acting({phase: 'ended', outcome})});
    expect(ended(OUTCOME)).toMatchInlineSnapshot(`
      "╭─ VACUUM ANALYZE execution.trades ───────────────────────────────── [DEMO] ─╮
      │ ● done  took 38.2 s · 412,000 rows · audit 8812                            │
      │ 412,000 dead rows removed, statistics updated                              │
      ╰─ ⏎ or Esc close ───────────────────────────────────────────────────────────╯"
    `);
    expect(
      ended({
        ...OUTCOME,
        outcome: 'skipped',
        rows: undefined,
        auditId: undefined,
        summary: sanitise('execution.trades was skipped: only its owner can vacuum it.'),
        notices: ['permission denied to vacuum "trades", skipping it', 'a', 'b', 'c', 'd', 'e', 'f'].map(text =>
          sanitise(text),
        ),
      }),
    ).toMatchInlineSnapshot(`
      "╭─ VACUUM ANALYZE execution.trades ───────────────────────────────── [DEMO] ─╮
      │ ▲ skipped  took 38.2 s · not in the audit log                              │
      │ execution.trades was skipped: only its owner can vacuum it.                │
      │ permission denied to vacuum "trades", skipping it                          │
      │ a                                                                          │
      │ b                                                                          │
      │ c                                                                          │
      │ d                                                                          │
      │ and 2 more notices                                                         │
      ╰─ ⏎ or Esc close ───────────────────────────────────────────────────────────╯"
    `);
  });
});

describe('the chooser', () => {
  const chooser: Overlay = {kind: 'chooser', actionId: 'vacuum-analyze', selected: 0, filter: ''};

  it('lists the database, the schemas and the tables with what speaks for vacuuming them', () => {
    expect(show(chooser, {}, 120, 34)).toMatchInlineSnapshot(`
      "╭─ VACUUM ANALYZE: of what? ────────────────────────────────────────────────────────────────────── 10 entries ─╮
      │   ▏                                                                                                          │
      │   NAME                                                   KIND      ROWS      SIZE             DEAD  VACUUMED │
      │ ▸ trading_system (whole)                             5 tables    73.5 M    9.1 GB  503,360    0.7%        2d │
      │   data_ingestion.*                                    1 table    48.0 M    4.8 GB      120   <0.1%        2d │
      │   execution.*                                        3 tables    13.1 M    1.9 GB  503,240    3.7%        2d │
      │   logging.*                                           1 table    12.4 M    2.4 GB        0    0.0%     never │
      │   execution.trades                                      table     9.1 M    1.2 GB  412,000    4.3%        2d │
      │   execution.orders                                      table     4.0 M    700 MB   88,120    2.1%        5h │
      │   execution.positions                                   table        48   96.0 kB    3,120   98.5%       41s │
      │   data_ingestion.market_data_2026_11                partition    48.0 M    4.8 GB      120   <0.1%        2d │
      │   data_ingestion.market_data                      partitioned         0       0 B                            │
      │   logging.system_logs                                   table    12.4 M    2.4 GB        0    0.0%     never │
      ╰─ type to narrow down · ↑↓ choose · ⏎ take · Esc back ────────────────────────────────────────────────────────╯"
    `);
  });

  it('narrows down by what is typed', () => {
    expect(show({...chooser, filter: 'execution'})).toMatchInlineSnapshot(`
      "╭─ VACUUM ANALYZE: of what? ───────────────────────────────────── 4 entries ─╮
      │   execution▏                                                               │
      │   NAME                                     SIZE             DEAD  VACUUMED │
      │ ▸ execution.*                            1.9 GB  503,240    3.7%        2d │
      │   execution.trades                       1.2 GB  412,000    4.3%        2d │
      │   execution.orders                       700 MB   88,120    2.1%        5h │
      │   execution.positions                   96.0 kB    3,120   98.5%       41s │
      ╰─ type to narrow down · ↑↓ choose · ⏎ take · Esc back ──────────────────────╯"
    `);
    expect(show({...chooser, filter: 'nope'}).split('\n')[3]).toMatchInlineSnapshot(
      `"│ Nothing has such a name.                                                   │"`,
    );
  });

  it('says that the tables are not known yet', () => {
    expect(show(chooser, {samples: {tables: waiting}})).toMatchInlineSnapshot(`
      "╭─ VACUUM ANALYZE: of what? ───────────────────────────────────── 0 entries ─╮
      │ ○ waiting for the first answer                                             │
      │   ▏                                                                        │
      │   NAME                                     SIZE             DEAD  VACUUMED │
      │ There is nothing to choose.                                                │
      ╰─ type to narrow down · ↑↓ choose · ⏎ take · Esc back ──────────────────────╯"
    `);
  });
});

describe('the chooser and VACUUM', () => {
  const chooser: Overlay = {kind: 'chooser', actionId: 'vacuum-analyze', selected: 0, filter: 'execution.'};
  const vacuuming = (relation: string, scannedPercent: number) =>
    progress({relation: sanitise(relation), scannedPercent});

  it('says of a table that is being vacuumed how far that is', () => {
    const vacuum = ok([vacuuming('execution.trades', 44.6), vacuuming('elsewhere.trades', 3)]);
    expect(
      show(chooser, {samples: {progress: vacuum}})
        .split('\n')
        .slice(3, -1)
        .join('\n'),
    ).toMatchInlineSnapshot(`
      "│ ▸ execution.trades                       1.2 GB  412,000    4.3%   now 45% │
      │   execution.orders                       700 MB   88,120    2.1%        5h │
      │   execution.positions                   96.0 kB    3,120   98.5%       41s │"
    `);
    const early = ok([vacuuming('execution.trades', 0)]);
    expect(show(chooser, {samples: {progress: early}})).toContain('now 0%');
  });

  it('says nothing of a VACUUM when the progress that it knows is old', () => {
    const vacuum = ok([vacuuming('execution.trades', 44.6)]);
    for (const old of [stale(vacuum), failing(vacuum, DOWN)])
      expect(show(chooser, {samples: {progress: old}})).not.toContain('now');
  });

  it('lists only the kinds of target that the action takes', () => {
    const names = (actionId: string) =>
      show({...chooser, actionId, filter: ''}, {}, 120, 34)
        .split('\n')
        .slice(3, -1)
        .map(line => line.slice(4).trim().split(/ {2,}/)[0]);
    expect(names('analyze').slice(0, 2)).toEqual(['trading_system (whole)', 'data_ingestion.*']);
    expect(names('archive-logs')).toEqual([
      'execution.trades',
      'execution.orders',
      'execution.positions',
      'data_ingestion.market_data_2026_11',
      'data_ingestion.market_data',
      'logging.system_logs',
    ]);
  });
});

describe('the palette', () => {
  const palette: Overlay = {kind: 'palette', selected: 0, filter: ''};

  it('lists commands with their keys, and says of the selected one all that there is', () => {
    expect(show({...palette, filter: 'the order'})).toMatchInlineSnapshot(`
      "╭─ Commands ──────────────────────────────────────────────────── 5 commands ─╮
      │   the order▏                                                               │
      │ ▸              go to the pane Orders                                       │
      │   s            order by the next column                                    │
      │   r            reverse the order                                           │
      │   l            follow the row’s trade, order or correlation id from its s… │
      │   Esc          leave, in this order: an ended action, zoom, what a row le… │
      │                                                                            │
      │ go to the pane Orders                                                      │
      │                                                                            │
      ╰─ type to narrow down · ↑↓ choose · ⏎ do it · Esc back ─────────────────────╯"
    `);
    expect(show({...palette, filter: 'old logs'})).toMatchInlineSnapshot(`
      "╭─ Commands ───────────────────────────────────────────────────── 1 command ─╮
      │   old logs▏                                                                │
      │ ▸ L            Archive old logs: moves old lines of logging.system_logs i… │
      │                                                                            │
      │ Archive old logs: moves old lines of logging.system_logs into the archive, │
      │ in small batches                                                           │
      ╰─ type to narrow down · ↑↓ choose · ⏎ do it · Esc back ─────────────────────╯"
    `);
    expect(show({...palette, filter: 'old logs'}, {about: {ascii: true}, ui: {readOnly: true}})).toContain(
      'now: read-only: O lifts that, with a reason. Archive',
    );
  });

  it('finds a command by its key, its label and the title of its action', () => {
    const rows = (filter: string) =>
      show({...palette, filter})
        .split('\n')
        .slice(2, -4);
    expect(rows('ctrl-l').join()).toContain('draw the whole screen again');
    expect(rows('columns').join()).toContain('show the other columns');
    expect(rows('VACUUM ANALYZE').length).toBe(1);
    expect(rows('no such command').join()).toContain('No command has such a name.');
  });

  it('offers every binding over the panes but itself, and every pane by its title', () => {
    const height = bindingsIn('panes').length + PANES.length + 20;
    const lines = show(palette, {}, 160, height);
    for (const {id, title} of PANES) {
      expect(lines).toContain(`${digitOf(stateOf(), id).padEnd(13)}go to the pane ${title}`);
    }
    for (const view of ['Main', 'Books', 'Pipeline']) expect(lines).toContain(`go to the view ${view}`);
    for (const {id, help} of bindingsIn('panes'))
      if (id !== 'pane' && id !== 'palette') expect(lines).toContain(help.slice(0, 80));
    expect(lines).not.toContain('find a command by its name');
  });
});

describe('the report of a verification', () => {
  it('puts the worst first in each group, with violations and remedies', () => {
    expect(
      show({kind: 'checks', scroll: 0}, {checks: {results: CHECKS, at: NOW - 3_000_000}}, 100, 34),
    ).toMatchInlineSnapshot(`
      "╭─ Verification ─────────────────────────────────────────────────────── 12:04:28Z, 3s ago ─╮
      │ ✖ 1 fail   ▲ 1 warn   ○ 1 skip   ● 2 pass                                                │
      │ data of the last 48 h; all of it: tradetop verify --full                                 │
      │                                                                                          │
      │ data                                                                                     │
      │  ✖ fail  every trade has its order                                              31.0 ms  │
      │          trade_id T-20261122-000017 · order_id O-20261122-000009                         │
      │          trade_id T-20261122-000018 · order_id null                                      │
      │          → Look at the publisher of these trades; restore the orders from its log.       │
      │                                                                                          │
      │ setup                                                                                    │
      │  ▲ warn  three months of partitions are ready                                    4.0 ms  │
      │          table_name data_ingestion.market_data · ready_until 2027-01-01                  │
      │          → Press P, or run: tradetop maintain create-partitions                          │
      │  ● pass  every schema is there                                                   2.0 ms  │
      │                                                                                          │
      │ health                                                                                   │
      │  ○ skip  Prefect’s tables can be read                                            0.0 ms  │
      │          permission denied for table flow_run                                            │
      │  ● pass  no table has more dead rows than live ones                              3.0 ms  │
      │                                                                                          │
      ╰─ v verify again · Esc back ──────────────────────────────────────────────────────────────╯"
    `);
  });

  it('says that it is running, that it could not run, and that there was none', () => {
    expect(show({kind: 'checks', scroll: 0}, {checks: {running: true}})).toMatchInlineSnapshot(`
      "╭─ Verification ─────────────────────────────────────────────────────────────╮
      │ ○ verifying …                                                              │
      ╰─ v verify again · Esc back ────────────────────────────────────────────────╯"
    `);
    expect(
      show({kind: 'checks', scroll: 0}, {checks: {error: sanitise('connect ECONNREFUSED 127.0.0.1:5432')}}),
    ).toMatchInlineSnapshot(`
      "╭─ Verification ─────────────────────────────────────────────────────────────╮
      │ ✖ verification could not run: connect ECONNREFUSED 127.0.0.1:5432          │
      ╰─ v verify again · Esc back ────────────────────────────────────────────────╯"
    `);
    expect(show({kind: 'checks', scroll: 0})).toMatchInlineSnapshot(`
      "╭─ Verification ─────────────────────────────────────────────────────────────╮
      │ Nothing has been verified yet: press v.                                    │
      ╰─ v verify again · Esc back ────────────────────────────────────────────────╯"
    `);
  });
});

describe('details', () => {
  it('show the rows that a check has found whole: as a table, or as names and values where that is too wide', () => {
    const key = 'trades_of_orders';
    const overlay = {kind: 'details', pane: 'checks', key, scroll: 99} as const;
    expect(show(overlay, {checks: {at: NOW, results: CHECKS}})).toMatchInlineSnapshot(`
      "╭─ Checks ────────────────────────────────────────────────────── 12 columns ─╮
      │ id             trades_of_orders                                            │
      │ group          data                                                        │
      │ status         fail                                                        │
      │ failing since  2026-11-22T11:59:31.250000Z                                 │
      │ rows           2                                                           │
      │ at             2026-11-22T12:03:51.250000Z                                 │
      │ ms             31.0 ms                                                     │
      │ every seconds  15m                                                         │
      │ title          every trade has its order                                   │
      │                                                                            │
      │ remedy                                                                     │
      │ Look at the publisher of these trades; restore the orders from its log.    │
      │                                                                            │
      │ n/a            why                                                         │
      │                                                                            │
      │ found 2 rows                                                               │
      │ trade_id           order_id                                                │
      │ T-20261122-000017  O-20261122-000009                                       │
      │ T-20261122-000018  null                                                    │
      ╰─ y copy · Esc back ─────────────────────────────────────────── 2–20 of 20 ─╯"
    `);
    const rows = Array.from({length: 20}, (_, i) => ({
      trade_id: `T-${i}`,
      why: 'w'.repeat(70),
      '\u4ef7': '\u4ef7'.repeat(40),
      last: null,
    }));
    const many = CHECKS.map(check => (check.id === key ? {...check, rows, more: true as const} : check));
    const screen = show(overlay, {checks: {at: NOW, results: many}});
    expect(screen).toMatchInlineSnapshot(`
      "╭─ Checks ────────────────────────────────────────────────────── 12 columns ─╮
      │           价价价价价价价价                                                 │
      │ last      null                                                             │
      │ row 13                                                                     │
      │ trade_id  T-12                                                             │
      │ why       wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww │
      │           wwwwww                                                           │
      │ 价        价价价价价价价价价价价价价价价价价价价价价价价价价价价价价价价价 │
      │           价价价价价价价价                                                 │
      │ last      null                                                             │
      │ row 14                                                                     │
      │ trade_id  T-13                                                             │
      │ why       wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww │
      │           wwwwww                                                           │
      │ 价        价价价价价价价价价价价价价价价价价价价价价价价价价价价价价价价价 │
      │           价价价价价价价价                                                 │
      │ last      null                                                             │
      │ row 15                                                                     │
      │ trade_id  T-14                                                             │
      │ why       wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww │
      ╰─ y copy · Esc back ─────────────────────────────────────── 100–118 of 157 ─╯"
    `);
    expect(show({...overlay, scroll: 0}, {checks: {at: NOW, results: many}}, 80, 48)).toContain(
      'found more than 20 rows: the first 20 rows',
    );
  });

  it('show every column with all its digits', () => {
    expect(show({kind: 'details', pane: 'trades', key: trade(1).tradeId, scroll: 0})).toMatchInlineSnapshot(`
      "╭─ Trades ────────────────────────────────────────────────────── 16 columns ─╮
      │ executed at   2026-11-22T12:04:31.027000Z                                  │
      │ symbol        JPM                                                          │
      │ side          sell                                                         │
      │ quantity      430.0000                                                     │
      │ price         195.1100                                                     │
      │ value         83,897.3000                                                  │
      │ strategy      mean_reversion                                               │
      │ account id    ACC-02                                                       │
      │ realized pnl  123.4500                                                     │
      │ commission    2.2500                                                       │
      │ lag ms        10 ms                                                        │
      │ trade type    closing                                                      │
      │ trade id      T-20261122-018203                                            │
      │ order id      O-20261122-009102                                            │
      │ from          bus                                                          │
      │ received at   2026-11-22T12:04:31.036000Z                                  │
      ╰─ y copy · Esc back ────────────────────────────────────────────────────────╯"
    `);
  });

  it('show the whole query', () => {
    const key = SAMPLES.statements.rows[1]?.key ?? '';
    expect(show({kind: 'details', pane: 'slow_queries', key, scroll: 0}, {}, 100, 40)).toMatchInlineSnapshot(`
      "╭─ Slow queries ────────────────────────────────────────────────────────────── 25 columns ─╮
      │ slow              no                                                                     │
      │ mean ms           12.1 ms                                                                │
      │ calls per second  40.0                                                                   │
      │ percent           18.8                                                                   │
      │ calls             80                                                                     │
      │ total ms          968 ms                                                                 │
      │ rows per call     1.0                                                                    │
      │ hit percent       99.1%                                                                  │
      │ mean ms total     10.9 ms                                                                │
      │ max ms            145 ms                                                                 │
      │ calls total       400,000                                                                │
      │ service           svc_analytics                                                          │
      │ database          trading_system                                                         │
      │ query id          1                                                                      │
      │ user              svc_analytics                                                          │
      │ kind              statement                                                              │
      │                                                                                          │
      │ query                                                                                    │
      │ SELECT s.account_id, s.symbol, sum(t.quantity * t.price) FROM execution.trades t JOIN    │
      │ analytics.portfolio_summary s USING (account_id) GROUP BY 1, 2                           │
      │                                                                                          │
      │ n/a               pid, blocked by, slow calls, slowest ms, slowest, application, state,  │
      │                   wait                                                                   │
      ╰─ ⏎ the sessions of its service · y copy · Esc back ──────────────────────────────────────╯"
    `);
  });

  it('say that the row is gone', () => {
    expect(show({kind: 'details', pane: 'trades', key: 'gone', scroll: 0})).toMatchInlineSnapshot(`
      "╭─ Trades ───────────────────────────────────────────────────────────────────╮
      │ The row no longer exists.                                                  │
      ╰─ y copy · Esc back ────────────────────────────────────────────────────────╯"
    `);
  });
});

describe('rejected messages', () => {
  const reject = (number: number, change: Partial<Reject> = {}): NumberedReject => ({
    number,
    reject: {
      reason: 'bad_data',
      channel: sanitise('data_sync:trades'),
      detail: sanitise('data.price: must be a finite decimal number'),
      text: sanitise('{"type":"trade_executed","service":"execution","data":{"trade_id":"T-1","price":"NaN"}}'),
      bytes: 88,
      at: NOW - 8_000_000,
      ...change,
    },
  });
  const rejects = {oversized: 1, not_json: 120, not_envelope: 0, bad_data: 1, unknown_type: 0, unknown_channel: 0};
  const large = {reason: 'oversized', detail: sanitise('more than 1048576 bytes'), bytes: 1_100_000} as const;
  const bus = {
    rejects,
    rejected: 122,
    rejectList: [reject(122), reject(121, large), reject(120, {reason: 'not_json'})],
  };

  it('are listed, the newest first, with their number for each reason', () => {
    expect(show({kind: 'rejects', selected: undefined}, {bus})).toMatchInlineSnapshot(`
      "╭─ Rejected messages ─────────────────────────────────────────── 122 so far ─╮
      │ oversized 1 · not_json 120 · bad_data 1                                    │
      │ the last 3:                                                                │
      │      AGE REASON             SIZE CHANNEL            DETAIL                 │
      │ ▸     8s bad_data           88 B data_sync:trades   data.price: must be a… │
      │       8s oversized        1.0 MB data_sync:trades   more than 1048576 byt… │
      │       8s not_json           88 B data_sync:trades   data.price: must be a… │
      ╰─ ↑↓ choose · ⏎ whole message · y copy · Esc back ──────────────────────────╯"
    `);
  });

  it('keep the selection on its message while others arrive', () => {
    expect(show({kind: 'rejects', selected: 121}, {bus})).toMatch(/▸ +8s oversized/);
    expect(show({kind: 'rejects', selected: 7}, {bus})).toMatch(/▸ +8s not_json/);
  });

  it('are shown one by one, with the reason', () => {
    expect(show({kind: 'reject', number: 122, scroll: 0}, {bus})).toMatchInlineSnapshot(`
      "╭─ Rejected message ───────────────────────────────────── 122 of 122 so far ─╮
      │ reason    bad_data                                                         │
      │ detail    data.price: must be a finite decimal number                      │
      │ channel   data_sync:trades                                                 │
      │ received  2026-11-22T12:04:23.250000Z (8s ago), 88 B                       │
      │                                                                            │
      │ message                                                                    │
      │ {"type":"trade_executed","service":"execution","data":{"trade_id":"T-1","p │
      │ rice":"NaN"}}                                                              │
      ╰─ y copy · Esc back to the list ────────────────────────────────────────────╯"
    `);
  });

  it('say that they are no longer kept', () => {
    expect(show({kind: 'reject', number: 3, scroll: 0}, {bus})).toContain('is no longer kept');
  });
});

describe('help', () => {
  const help = (ui: StateChange['ui'] = {}) => show({kind: 'help', scroll: 0}, {ui}, 110, 200).split('\n');

  it('names every key and says what cannot be done now', () => {
    // Actions declare their own lines, which the next test looks at.
    const lines = help();
    const acts = lines.findIndex(line => /^│ {3}v /.test(line));
    const cancel = lines.findIndex(line => /^│ {3}Ctrl-X /.test(line));
    expect([...lines.slice(0, acts + 1), ...lines.slice(cancel)].join('\n')).toMatchInlineSnapshot(`
      "╭─ Keys ───────────────────────────────────────────────────────── lower case looks, upper case acts ─╮
      │ Panes                                                                                              │
      │   1 2 3 4 5 6 7 8 9    go to the pane of the view with this number                                 │
      │   Tab                  go to the next pane of the view                                             │
      │   Shift-Tab            go to the previous pane of the view                                         │
      │   [                    go to the view before, which has other panes                                │
      │   ]                    go to the next view                                                         │
      │   z                    give the whole screen to the pane, or take it back                          │
      │                                                                                                    │
      │ Rows                                                                                               │
      │   ↑ k                  go one row up; the selection stays with its row                             │
      │   ↓ j                  go one row down                                                             │
      │   PgUp                 go one page up                                                              │
      │   PgDn                 go one page down                                                            │
      │   g Home               go to the first row, and stay at the top as rows arrive                     │
      │   G End                go to the last row                                                          │
      │   ⏎                    show every column of the row and the whole query                            │
      │   →                    go on to what the row leads to: a position to its trades, an alert to the   │
      │                        row that causes it, a log line to those of its id; Esc comes back           │
      │   ⏎ →                  go on from the details to what the row leads to                             │
      │   h                    draw the past of the row’s number: up to an hour                            │
      │   /                    show the rows that contain a text; !text: those without it; re:regex        │
      │   s                    order by the next column                                                    │
      │   r                    reverse the order                                                           │
      │   w                    show the other columns of the pane                                          │
      │   d                    count statements over the last interval, since the console’s start, or      │
      │                        since the reset                                                             │
      │   y                    copy the row or the query (OSC 52)                                          │
      │   e                    show the plan of the row’s statement, by the planner alone: it is not       │
      │                        executed                                                                    │
      │   t                    sample what the row’s session waits for, for five seconds                   │
      │   l                    follow the row’s trade, order or correlation id from its signal to the      │
      │                        books, and name what is missing or late                                     │
      │                                                                                                    │
      │ Screen                                                                                             │
      │   p                    freeze the panes, or resume; collecting continues meanwhile                 │
      │   + =                  read PostgreSQL less often                                                  │
      │   -                    read PostgreSQL more often                                                  │
      │   .                    read every source now                                                       │
      │   !                    go to the alerts: what is wrong, since when, and what to do                 │
      │   x                    list the last rejected messages (now: no message has been rejected so far)  │
      │   Ctrl-L               draw the whole screen again                                                 │
      │   o                    show the report of the last eight hours: P&L, alerts, acts, what is open    │
      │   i                    write a folder with everything the console knows: panes, an hour of         │
      │                        history, alerts, versions, settings; no secrets                             │
      │                                                                                                    │
      │ Act                                                                                                │
      │   v                    verify set-up, data and server, and show the report                         │
      │   Ctrl-X               cancel the running action on the server (now: nothing is running)           │
      │                                                                                                    │
      │ In dialogs                                                                                         │
      │   w                    write the report to a file                                                  │
      │   ↑ Ctrl-P             go one entry up                                                             │
      │   ↓ Ctrl-N             go one entry down                                                           │
      │   ↑                    scroll the dialog one line up                                               │
      │   ↓                    scroll the dialog one line down                                             │
      │   Tab Shift-Tab ← →    go to the other button                                                      │
      │   ⏎                    press the button that has the focus: Cancel at first                        │
      │   y                    run it; in PROD, and for what is vital, the target’s name is typed instead  │
      │   Tab ↓                go to the next field of the form                                            │
      │   Shift-Tab ↑          go to the field before                                                      │
      │   ⏎                    take what was typed or chosen                                               │
      │   Backspace Ctrl-H     erase a character                                                           │
      │   Ctrl-U               erase everything that was typed                                             │
      │   Backspace Ctrl-H     erase a character of the name that PROD asks for                            │
      │   Ctrl-U               erase the name that PROD asks for                                           │
      │   → Tab                draw the past of the row’s next number                                      │
      │   ← Shift-Tab          draw the past of the row’s number before                                    │
      │   Esc                  leave without a choice                                                      │
      │   Esc q n              close the dialog; a running action continues                                │
      │                                                                                                    │
      │ Leave                                                                                              │
      │   :                    find a command by its name                                                  │
      │   ?                    show every key                                                              │
      │   Esc                  leave, in this order: an ended action, zoom, what a row led to, filter,     │
      │                        selection, a pane beyond the grid                                           │
      │   Esc q                close what is open                                                          │
      │   Esc q h              close the curve                                                             │
      │   q                    leave zoom, then quit                                                       │
      │   Ctrl-Z               return to the shell; fg resumes the console                                 │
      │   Ctrl-C               quit at once                                                                │
      │                                                                                                    │
      │ Signs                                                                                              │
      │   ● ok   ▲ warning   ✖ critical                                                                    │
      │   ○ no answer yet   · read from the table   n/a: not known                                         │
      ╰─ Esc back ─────────────────────────────────────────────────────────────────────────────────────────╯"
    `);
  });

  it('has the line that each action declares, and says that it cannot be started', () => {
    for (const {keys, help: sentence, action} of BINDINGS.filter(b => b.id === 'start_action')) {
      const at = (ui: StateChange['ui']) => {
        const lines = help(ui);
        const first = lines.findIndex(line => line.startsWith(`│   ${keys[0]} `));
        const next = lines.findIndex((line, i) => i > first && /^│ {3}\S/.test(line));
        return lines
          .slice(first, next)
          .map(line => line.slice(25, -1).trim())
          .join(' ');
      };
      expect(at({focus: action?.id === 'set-limit' ? 'risk' : 'sessions'})).toBe(sentence);
      if (action?.inConsole) continue;
      expect(at({readOnly: true})).toBe(`${sentence} (now: read-only: O lifts that, with a reason)`);
    }
  });

  it('is scrolled', () => {
    const lines = show({kind: 'help', scroll: 999}, {}, 80, 24).split('\n');
    expect(lines.at(-1)).toMatch(/ of \d+ ─╯$/);
    expect(lines.at(-2)).toContain('n/a: not known');
  });
});

describe('the past of a number', () => {
  const history = (columns: number, seconds: number, gone: readonly [from: number, to: number] = [0, 0]) => {
    const past = createNumberHistory();
    for (let i = 0; i * 5 <= seconds; i++) {
      // Nothing is recorded while the server is gone, or the console suspended.
      if (i * 5 >= gone[0] && i * 5 < gone[1]) continue;
      const value = 900 + 40 * Math.sin(i / 30);
      past.record(
        'positions',
        [{key: 'ACC-01\u0000AAPL', column: 'unrealized_pnl', value}],
        NOW - (seconds - i * 5) * 1e6,
      );
    }
    const overlay = {kind: 'history', pane: 'positions', key: 'ACC-01\u0000AAPL', column: 'unrealized_pnl'} as const;
    return drawApp({...stateOf({ui: {overlay}}), history: past}, columns, 24)
      .split('\n')
      .slice(2, 21)
      .join('\n');
  };

  it('has a gap where nothing was read, of a minute in an hour too', () => {
    expect(history(80, 600, [240, 300])).toMatchInlineSnapshot(`
      "│ TIME         SYMBOL SIDE     QTY     PRICE      VALUE STRATEGY       ACCOUNT │
      │▸12:04:31.200 AAPL   buy        5  187.1234     935.62 momentum       ACC-01  │
      │╭─ Positions ACC-01 AAPL ─────────────────────────────────────── last 10m5s ─╮│
      ││ QTY  AVG  MARK  VALUE  UNREAL +935.62  REAL                                ││
      ││                                                                            ││
      ││  940 ┤                ╭───────                                             ││
      ││  933 ┤            ╭───╯             ────╮                                  ││
      ││  926 ┤        ╭───╯                     ╰──╮                               ││
      ││  919 ┤     ╭──╯                            ╰──╮                            ││
      ││  912 ┤  ╭──╯                                  ╰──╮                         ││
      ││  905 ┤╭─╯                                        ╰──╮                      ││
      ││  898 ┤╯                                             ╰──╮                   ││
      ││  891 ┤                                                 ╰─╮                 ││
      ││  884 ┤                                                   ╰──╮              ││
      ││  877 ┤                                                      ╰──╮           ││
      ╰│  870 ┤                                                         ╰───        │╯
       │      └11:54:26Z (10m5s ago)───────────────────────────────12:04:31Z        │ 
       ╰─ ←→ another number · Esc back ─────────────────────────────────────────────╯…
       4 Connection health  ▲ strategy_engine blocked   ▲ prefect late runs           "
    `);
    expect(history(80, 3600, [1500, 1560])).toMatchInlineSnapshot(`
      "│ TIME         SYMBOL SIDE     QTY     PRICE      VALUE STRATEGY       ACCOUNT │
      │▸12:04:31.200 AAPL   buy        5  187.1234     935.62 momentum       ACC-01  │
      │╭─ Positions ACC-01 AAPL ────────────────────────────────────────── last 1h ─╮│
      ││ QTY  AVG  MARK  VALUE  UNREAL +935.62  REAL                                ││
      ││                                                                            ││
      ││  940 ┤  ╭─╮              ╭──╮             ╭──╮             ╭──╮            ││
      ││  932 ┤ ╭╯ ╰╮            ╭╯  ╰╮           ╭╯  ╰╮           ╭╯  ╰╮           ││
      ││  924 ┤╭╯   ╰╮           │    │           │    │           │    │           ││
      ││  916 ┤│     ╰╮         ╭╯    ╰╮         ╭╯    ╰╮         ╭╯    ╰╮          ││
      ││  908 ┤╯      │        ╭╯      │         │      ╰╮        │      ╰╮         ││
      ││  900 ┤       ╰╮       │       ╰╮       ╭╯       │       ╭╯       │         ││
      ││  892 ┤        │      ╭╯        │      ╭╯        ╰╮      │        ╰╮        ││
      ││  884 ┤        ╰╮     │         ╰─     │          │     ╭╯         │        ││
      ││  876 ┤         ╰╮   ╭╯               ╭╯          ╰╮   ╭╯          ╰╮       ││
      ││  868 ┤          ╰╮ ╭╯             ╮ ╭╯            ╰╮ ╭╯            ╰╮      ││
      ╰│  860 ┤           ╰─╯              ╰─╯              ╰─╯              ╰───   │╯
       │      └11:04:31Z (1h ago)───────────────────────────────────────12:04:31Z   │ 
       ╰─ ←→ another number · Esc back ─────────────────────────────────────────────╯…
       4 Connection health  ▲ strategy_engine blocked   ▲ prefect late runs           "
    `);
  });

  it('is a curve with its axes, and names the number, its value and the row’s others', () => {
    expect(history(80, 600)).toMatchInlineSnapshot(`
      "│ TIME         SYMBOL SIDE     QTY     PRICE      VALUE STRATEGY       ACCOUNT │
      │▸12:04:31.200 AAPL   buy        5  187.1234     935.62 momentum       ACC-01  │
      │╭─ Positions ACC-01 AAPL ─────────────────────────────────────── last 10m5s ─╮│
      ││ QTY  AVG  MARK  VALUE  UNREAL +935.62  REAL                                ││
      ││                                                                            ││
      ││  940 ┤                ╭────────────╮                                       ││
      ││  933 ┤            ╭───╯            ╰────╮                                  ││
      ││  926 ┤        ╭───╯                     ╰──╮                               ││
      ││  919 ┤     ╭──╯                            ╰──╮                            ││
      ││  912 ┤  ╭──╯                                  ╰──╮                         ││
      ││  905 ┤╭─╯                                        ╰──╮                      ││
      ││  898 ┤╯                                             ╰──╮                   ││
      ││  891 ┤                                                 ╰─╮                 ││
      ││  884 ┤                                                   ╰──╮              ││
      ││  877 ┤                                                      ╰──╮           ││
      ╰│  870 ┤                                                         ╰───        │╯
       │      └11:54:26Z (10m5s ago)───────────────────────────────12:04:31Z        │ 
       ╰─ ←→ another number · Esc back ─────────────────────────────────────────────╯…
       4 Connection health  ▲ strategy_engine blocked   ▲ prefect late runs           "
    `);
  });

  it('says that nothing is known yet', () => {
    expect(history(80, -5)).toContain('Nothing is known of its past yet');
  });
});
