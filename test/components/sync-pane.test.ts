import {describe, expect, it} from 'vitest';
import {paneOf} from '../../components/panes/index.ts';
import {jsonOf} from '../../src/app/snapshot-forms.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import type {Held} from '../../src/monitor/sample.ts';
import type {SyncRow} from '../../src/monitor/sync.ts';
import {drawApp, drawPane} from '../helpers/state/draw.ts';
import {
  DENIED,
  DOWN,
  failing,
  figures,
  gap,
  NOW,
  ok,
  SAMPLES,
  setAside,
  stateOf,
  syncRow,
  waiting,
  worker,
} from '../helpers/state/screen.ts';

const text = sanitise;
const ago = (seconds: number) => NOW - seconds * 1e6;
const TOTALS = syncRow().totals;

const of = (row: SyncRow) => stateOf({samples: {sync: ok([row])}});
const show = (row: SyncRow, width = 80, height = 12) => drawPane('sync', of(row), width, height, true);
const showHeld = (sync: Held<SyncRow>, height = 6) => drawPane('sync', stateOf({samples: {sync}}), 80, height);

const silent = worker({silentSeconds: 42, heartbeatAt: ago(42.4)});
const open = gap({id: '9', filledAt: undefined, recovered: 3, passes: 41, error: text('timeout'), to: ago(150)});
const rejected = {
  reason: text('bad_data'),
  channel: text('data_sync:trades'),
  detail: text('data.price: must be a finite decimal number'),
  text: text('{"type":"trade_executed"}'),
  bytes: 88,
  at: ago(8),
};

describe('the sync pane', () => {
  it('shows the worker, its lag, each channel’s rate and last message, and the gaps that were filled', () => {
    expect(show(syncRow())).toMatchInlineSnapshot(`
      "╭─ 5 Sync ─────────────────────────── lag: received 0.4 ms · committed 6.2 ms ─╮
      │   KIND    NAME        STATE      AGE RATE/s NOTE                             │
      │▸● worker  desk-1 sync running     0s   42.3 pid 4242 · queue 3 · batch 2 tr… │
      │   lag     received                          0.4 ms · p99 2.1 ms              │
      │   lag     committed                         6.2 ms · p99 14.8 ms             │
      │   channel trades      flowing     0s   10.2 received 18,204                  │
      │   channel positions   flowing     0s   10.1 received 18,190                  │
      │   channel market_data flowing     0s   22.0 received 40,112                  │
      │   gap     disconnect  filled   3m19s        recovered 12 · 12:00:31 – 12:01… │
      │                                                                              │
      │                                                                              │
      ╰─ gaps 0 open, 1 filled · recovered 12 · quarantine 0 · ledger ~412,000 ──────╯"
    `);
  });

  it('shows more where there is room', () => {
    expect(
      show(syncRow({gaps: [gap(), gap({id: '1', from: undefined, reason: text('first_start')})]}), 118),
    ).toMatchInlineSnapshot(`
      "╭─ 5 Sync ───────────────────────────────────────────────────────────────── lag: received 0.4 ms · committed 6.2 ms ─╮
      │   KIND    NAME        STATE      AGE RATE/s NOTE                                                                   │
      │▸● worker  desk-1 sync running     0s   42.3 pid 4242 · queue 3 · batch 2 trades in 3.1 ms · applied 18,201 · pubs… │
      │   lag     received                          0.4 ms · p99 2.1 ms                                                    │
      │   lag     committed                         6.2 ms · p99 14.8 ms                                                   │
      │   channel trades      flowing     0s   10.2 received 18,204                                                        │
      │   channel positions   flowing     0s   10.1 received 18,190                                                        │
      │   channel market_data flowing     0s   22.0 received 40,112                                                        │
      │   gap     disconnect  filled   3m19s        recovered 12 · 12:00:31 – 12:01:11 (40s) · 2 passes                    │
      │   gap     first_start filled   3m19s        recovered 12 · the beginning – 12:01:11 · 2 passes                     │
      │                                                                                                                    │
      ╰─ gaps 0 open, 1 filled · recovered 12 · quarantine 0 · ledger ~412,000 · queue 3 ──────────────────────────────────╯"
    `);
  });

  it('shows open gaps, quarantine and rejected messages before what is over', () => {
    const row = syncRow({
      workers: [worker({figures: figures({rejected: [[text('bad_data'), 4]], rejects: [rejected], retries: 2})})],
      gaps: [open, gap()],
      quarantine: [setAside()],
      totals: {...TOTALS, gapsOpen: 1, quarantined: 1},
    });
    expect(show(row, 118, 13)).toMatchInlineSnapshot(`
      "╭─ 5 Sync ────────────────────────────────── ▲ gaps open 1  ▲ quarantine 1  lag: received 0.4 ms · committed 6.2 ms ─╮
      │   KIND       NAME              STATE       AGE RATE/s NOTE                                                         │
      │▸● worker     desk-1 sync       running      0s   42.3 pid 4242 · queue 3 · batch 2 trades in 3.1 ms · applied 18,… │
      │   lag        received                                 0.4 ms · p99 2.1 ms                                          │
      │   lag        committed                                6.2 ms · p99 14.8 ms                                         │
      │   channel    trades            flowing      0s   10.2 received 18,204                                              │
      │   channel    positions         flowing      0s   10.1 received 18,190                                              │
      │   channel    market_data       flowing      0s   22.0 received 40,112                                              │
      │ ▲ gap        disconnect        open      2m30s        timeout · recovered 3 · 12:00:31 – 12:02:01 (1m30s) · 41 pa… │
      │ ▲ quarantine T-20261122-000017 trades       5m        numeric field overflow · 2 attempts                          │
      │ ▲ reject     trades            bad_data     8s        data.price: must be a finite decimal number · 88 B · {"type… │
      │   gap        disconnect        filled    3m19s        recovered 12 · 12:00:31 – 12:01:11 (40s) · 2 passes          │
      ╰─ gaps 1 open, 1 filled · recovered 12 · quarantine 1 · ledger ~412,000 · rejected 4 · queue 3 ─────────────────────╯"
    `);
  });

  it('says that an open gap waits for an older transaction', () => {
    const waits = gap({filledAt: undefined, settled: false, passes: 1});
    expect(show(syncRow({gaps: [waits], totals: {...TOTALS, gapsOpen: 1}}), 160)).toMatch(
      /open .* waits for an older transaction/,
    );
  });

  it('says since when a worker is silent, with its process', () => {
    expect(show(syncRow({workers: [silent]}), 80, 7)).toMatchInlineSnapshot(`
      "╭─ 5 Sync ────────────────────────────────────────────── ✖ desk-1 sync silent ─╮
      │ ▲ no synchroniser is running: tradetop sync starts one                       │
      │   KIND    NAME        STATE      AGE RATE/s NOTE                             │
      │▸✖ worker  desk-1 sync silent     42s        since 12:03:48Z · pid 4242 on d… │
      │   gap     disconnect  filled   3m19s        recovered 12 · 12:00:31 – 12:01… │
      │                                                                              │
      ╰─ gaps 0 open, 1 filled · recovered 12 · quarantine 0 · ledger ~412,000 ──────╯"
    `);
  });

  it('distinguishes a stopped worker from one that is gone', () => {
    const stopped = worker({silentSeconds: 42, stoppedAt: ago(42), heartbeatAt: ago(42)});
    expect(show(syncRow({workers: [stopped]}), 80, 7)).toMatchInlineSnapshot(`
      "╭─ 5 Sync ───────────────────────────────────────────────────────── ▲ stopped ─╮
      │ ▲ no synchroniser is running: tradetop sync starts one                       │
      │   KIND    NAME        STATE      AGE RATE/s NOTE                             │
      │▸  worker  desk-1 sync stopped    42s        stopped 12:03:49Z · pid 4242 on… │
      │   gap     disconnect  filled   3m19s        recovered 12 · 12:00:31 – 12:01… │
      │                                                                              │
      ╰─ gaps 0 open, 1 filled · recovered 12 · quarantine 0 · ledger ~412,000 ──────╯"
    `);
  });

  it('says why nothing can be committed, and why no message arrives', () => {
    const failed = figures({
      failing: text('canceling statement due to lock timeout'),
      failingSince: ago(30),
      queue: 1200,
    });
    expect(show(syncRow({workers: [worker({figures: failed})]}), 118, 6)).toMatchInlineSnapshot(`
      "╭─ 5 Sync ────────────────────────────────────────── ✖ desk-1 sync failing  lag: received 0.4 ms · committed 6.2 ms ─╮
      │   KIND    NAME        STATE      AGE RATE/s NOTE                                                                   │
      │▸✖ worker  desk-1 sync failing     0s        canceling statement due to lock timeout since 12:04:01Z · pid 4242 · … │
      │   lag     received                          0.4 ms · p99 2.1 ms                                                    │
      │   lag     committed                         6.2 ms · p99 14.8 ms                                                   │
      ╰─ gaps 0 open, 1 filled · recovered 12 · quarantine 0 · ledger ~412,000 · queue 1,200 ─────────────────── 1–3 of 7 ─╯"
    `);
    const deaf = figures({link: text('down'), linkError: text('connect ECONNREFUSED 127.0.0.1:6379')});
    expect(show(syncRow({workers: [worker({figures: deaf})]}), 118)).toMatch(
      /✖ worker +desk-1 sync +deaf .*bus down: connect/,
    );
  });

  it('shows several workers of a stream, the failing one first, and the group’s lag', () => {
    const stream = {lag: 12_000, pending: 31, length: 12_500};
    const row = syncRow({
      workers: [
        worker({worker: text('a'), mode: text('streams'), figures: figures({stream, channels: [], queue: 31})}),
        worker({worker: text('b'), silentSeconds: 9, heartbeatAt: ago(9)}),
        worker({worker: text('c'), mode: text('streams'), figures: figures({stream, channels: [], commitP50: 91})}),
      ],
      gaps: [],
    });
    expect(show(row, 118, 10)).toMatchInlineSnapshot(`
      "╭─ 5 Sync ──────────────────────────────────────────────────── ▲ b silent  lag: received 0.4 ms · committed 91.0 ms ─╮
      │   KIND    NAME      STATE      AGE RATE/s NOTE                                                                     │
      │▸▲ worker  b         silent      9s        since 12:04:22Z · pid 4242 on desk-1                                     │
      │ ● worker  a         running     0s    0.0 pid 4242 · queue 31 · stream lag 12,000, pending 31 · batch 2 trades in… │
      │ ● worker  c         running     0s    0.0 pid 4242 · queue 3 · stream lag 12,000, pending 31 · batch 2 trades in … │
      │   lag     received                        0.4 ms · p99 2.1 ms · of a                                               │
      │   lag     committed                       6.2 ms · p99 14.8 ms · of a                                              │
      │   lag     received                        0.4 ms · p99 2.1 ms · of c                                               │
      │   lag     committed                       91.0 ms · p99 14.8 ms · of c                                             │
      ╰─ stream lag 12,000, pending 31 · gaps 0 open, 1 filled · recovered 12 · quarantine 0 · ledger ~412,000 · queue 34 ─╯"
    `);
  });

  it('names the command where no worker ever ran', () => {
    const never = syncRow({
      workers: [],
      gaps: [],
      totals: {...TOTALS, ledger: 0, ledgerExact: true, gapsFilled: 0, recovered: 0},
    });
    expect(show(never, 80, 4)).toMatchInlineSnapshot(`
      "╭─ 5 Sync ─────────────────────────────────────────────────────────────────────╮
      │ no synchroniser has ever run on this database: tradetop sync starts one      │
      │                                                                              │
      ╰─ gaps 0 open, 0 filled · recovered 0 · quarantine 0 · ledger 0 · queue n/a ──╯"
    `);
    expect(drawApp(of(never), 80, 24)).toMatch(/5 Sync +no synchroniser has ever run: tradetop sync starts one/);
  });

  it('shows figures that an older worker does not report as n/a, never as 0', () => {
    const bare = figures({
      queue: undefined,
      batchSize: undefined,
      batchMs: undefined,
      trades: undefined,
      commitP50: undefined,
      commitP99: undefined,
    });
    const screen = show(syncRow({workers: [worker({figures: bare})]}), 118);
    expect(screen).toMatch(/queue n\/a · batch n\/a in n\/a · applied n\/a/);
    expect(screen).toMatch(/committed n\/a ─╮/);
  });

  it('says that nothing has been committed yet, rather than that it took no time', () => {
    const fresh = figures({batches: 0, batchSize: 0, batchMs: 0});
    expect(show(syncRow({workers: [worker({figures: fresh})]}), 118)).toMatch(/queue 3 · no batch yet · applied/);
  });

  it('offers the columns with a heading as orders, not the glyphs', () => {
    expect(
      paneOf('sync')
        .sorts(of(syncRow()), 118)
        .map(column => column.title),
    ).toEqual(['KIND', 'NAME', 'STATE', 'AGE', 'RATE/s', 'NOTE']);
  });

  it('shows that it waits, is denied, is not set up, is down with its last rows', () => {
    expect(showHeld(waiting, 4)).toMatchInlineSnapshot(`
      "╭─ 5 Sync ───────────────────────────────────────────────────────── ○ waiting ─╮
      │ ○ waiting for the first answer                                               │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯"
    `);
    expect(
      showHeld(failing(waiting, {...DENIED, message: 'permission denied for table sync_workers'})),
    ).toMatchInlineSnapshot(`
      "╭─ 5 Sync ────────────────────────────────────────────────────── ▲ denied 41s ─╮
      │ ▲ denied 41s: permission denied for table sync_workers                       │
      │   not retried automatically                                                  │
      │   Connect as tradetop_monitor or tradetop_operator, or GRANT pg_monitor to   │
      │   this role.                                                                 │
      ╰──────────────────────────────────────────────────────────────────────────────╯"
    `);
    const missing = {
      why: 'not_set_up',
      message: 'relation "analytics.sync_workers" does not exist',
      next: 'Run: tradetop setup',
      retry: true,
    } as const;
    expect(showHeld(failing(waiting, missing))).toMatchInlineSnapshot(`
      "╭─ 5 Sync ────────────────────────────────────────────────── ✖ not set up 41s ─╮
      │ ✖ not set up 41s: relation "analytics.sync_workers" does not exist           │
      │   next try in 4s                                                             │
      │   Run: tradetop setup                                                        │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯"
    `);
    expect(showHeld(failing(SAMPLES.sync, DOWN), 8)).toMatchInlineSnapshot(`
      "╭─ 5 Sync ──────────────────────────────────────────────────────── ✖ down 41s ─╮
      │ ✖ down 41s: connect ECONNREFUSED 127.0.0.1:5432                              │
      │   rows from 12:03:49Z (42s ago) · next try in 4s                             │
      │   Is the server running, and are host and port right?                        │
      │   KIND    NAME        STATE      AGE RATE/s NOTE                             │
      │ ● worker  desk-1 sync running     0s   42.3 pid 4242 · queue 3 · batch 2 tr… │
      │   lag     received                          0.4 ms · p99 2.1 ms              │
      ╰─ gaps 0 open, 1 filled · recovered 12 · quarantine 0 ───────────── 1–2 of 7 ─╯"
    `);
  });

  it('gives the details of a row’s kind, and no others', () => {
    const details = paneOf('sync').details(of(syncRow({quarantine: [setAside()]})), 'quarantine 3');
    expect(details).toEqual([
      ['severity', 'warn'],
      ['kind', 'quarantine'],
      ['name', 'T-20261122-000017'],
      ['state', 'trades'],
      ['at', '2026-11-22T11:59:31.250000Z'],
      ['note', 'numeric field overflow · 2 attempts'],
      ['attempts', '2'],
      ['first at', '2026-11-22T11:54:31.250000Z'],
      ['sqlstate', '22003'],
      ['error', 'numeric field overflow'],
      ['text', '{"key": "T-20261122-000017", "quantity": "99999999999999"}'],
    ]);
    const worked = Object.fromEntries(paneOf('sync').details(of(syncRow()), 'worker desk-1 sync') ?? []);
    expect(worked).toMatchObject({pid: '4242', 'batch ms': '3.1', applied: '18201', 'stream lag': 'n/a'});
    expect(worked).not.toHaveProperty('passes');
  });
});

describe('the screen with the sync pane in focus', () => {
  const focused = stateOf({ui: {focus: 'sync'}});

  it('shows it whole and the four others in a line each, on 120×34 as on 80×24', () => {
    expect(drawApp(focused, 80, 24)).toMatchInlineSnapshot(`
      " [DEMO]  Main  PG 18.4 ●  redis ●  ↻ 2 s  no alerts         12:04:31Z  operator
      ╭─ 5 Sync ─────────────────────────── lag: received 0.4 ms · committed 6.2 ms ─╮
      │   KIND    NAME        STATE      AGE RATE/s NOTE                             │
      │▸● worker  desk-1 sync running     0s   42.3 pid 4242 · queue 3 · batch 2 tr… │
      │   lag     received                          0.4 ms · p99 2.1 ms              │
      │   lag     committed                         6.2 ms · p99 14.8 ms             │
      │   channel trades      flowing     0s   10.2 received 18,204                  │
      │   channel positions   flowing     0s   10.1 received 18,190                  │
      │   channel market_data flowing     0s   22.0 received 40,112                  │
      │   gap     disconnect  filled   3m19s        recovered 12 · 12:00:31 – 12:01… │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰─ gaps 0 open, 1 filled · recovered 12 · quarantine 0 · ledger ~412,000 ──────╯
       1 Trades             612/min · lag 9 ms  last AAPL buy 5 @ 187.12
       2 Positions          30 open  19,630,434.53  unreal +243,149.51
       3 Slow queries       ▲ 2 over 1 s  top: 8.20 s UPDATE strategy_engine.strategi…
       4 Connection health  ▲ strategy_engine blocked   ▲ prefect late runs

       1… pane  [ ] view  ⏎ details  v verify  V vacuum  : commands  ? help  q quit"
    `);
    const lines = drawApp(focused, 120, 34).split('\n');
    expect(lines).toHaveLength(34);
    expect(lines.filter(line => /^ [1-5] /.test(line)).map(line => line.slice(1, 22).trim())).toEqual([
      '1 Trades',
      '2 Positions',
      '3 Slow queries',
      '4 Connection health',
    ]);
  });

  it('shows it alone when it is zoomed', () => {
    const lines = drawApp(stateOf({ui: {focus: 'sync', zoomed: true}}), 200, 50).split('\n');
    expect(lines.filter(line => /^ [1-5] /.test(line))).toEqual([]);
    expect(lines.filter(line => /^[│╭╰]/.test(line))).toHaveLength(44);
  });
});

describe('snapshot --json of the sync pane', () => {
  it('has a row for each worker, channel, gap and so on, in snake_case, with null for what its kind does not have', () => {
    const state = of(syncRow({workers: [worker({figures: figures({rejects: [rejected]})})], quarantine: [setAside()]}));
    const {panes} = jsonOf(state, [paneOf('sync').table(state)]) as {
      panes: {sync: {state: string; rows: readonly Record<string, unknown>[]}};
    };
    const {rows} = panes.sync;
    expect(panes.sync.state).toBe('ok');
    expect(rows.map(row => row.kind)).toEqual([
      'worker',
      'lag',
      'lag',
      'channel',
      'channel',
      'channel',
      'quarantine',
      'reject',
      'gap',
    ]);
    expect(rows[0]).toMatchObject({
      name: 'desk-1 sync',
      state: 'running',
      pid: 4242,
      mode: 'pubsub',
      queue: 3,
      batch_ms: 3.1,
      passes: null,
    });
    expect(rows[2]).toMatchObject({name: 'committed', p50_ms: 6.2, p99_ms: 14.8, worker: 'desk-1 sync'});
    expect(rows[3]).toMatchObject({
      name: 'data_sync:trades',
      per_second: 10.2,
      received: 18_204,
      at: '2026-11-22T12:04:31.200000Z',
    });
    expect(rows[6]).toMatchObject({name: 'T-20261122-000017', attempts: 2, sqlstate: '22003'});
    expect(rows[7]).toMatchObject({state: 'bad_data', bytes: 88, error: 'data.price: must be a finite decimal number'});
    expect(rows[8]).toMatchObject({name: 'disconnect', state: 'filled', recovered: 12, passes: 2, settled: true});
    for (const row of rows) for (const key of Object.keys(row)) expect(key).toMatch(/^[a-z][a-z0-9_]*$/);
  });
});
