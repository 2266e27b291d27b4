import {describe, expect, it} from 'vitest';
import {paneOf} from '../../components/panes/index.ts';
import {handleScreenKey} from '../../components/viewport.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import type {State} from '../../src/model/state.ts';
import {drawApp, drawPane} from '../helpers/state/draw.ts';
import {BACKENDS, backend, DENIED, failing, NOW, ok, SAMPLES, stateOf} from '../helpers/state/screen.ts';

describe('the sessions pane', () => {
  it('shows the root first, then who waits behind it, then the others', () => {
    expect(drawPane('sessions', stateOf(), 80, 9, true)).toMatchInlineSnapshot(`
      "╭─ Sessions & locks ── ▲ pid 4077 blocks 2 · analytics · 6m52s in transaction ─╮
      │   PID      BLOCKS SERVICE         STATE      BLOCKED   XACT STATEMENT        │
      │▸▲ 4077          2 analytics       idle in tx          6m52s UPDATE strategy… │
      │ ▲ └ 4121        1 strategy_engine active          8s     0s UPDATE executio… │
      │    └ 4133         risk_management active          3s     0s UPDATE executio… │
      │   4140            execution       active                 1s UPDATE executio… │
      │   4141            execution       idle                      UPDATE executio… │
      │   2201            checkpointer    –                                          │
      ╰─ waiting 2 · active 3 · idle in tx 1 · idle 1 ───────────────────────────────╯"
    `);
  });

  it('shows who they are and how old everything is where there is room', () => {
    expect(drawPane('sessions', stateOf(), 200, 9)).toMatchInlineSnapshot(`
      "╭─ Sessions & locks ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────── ▲ pid 4077 blocks 2 · analytics · 6m52s in transaction ─╮
      │   PID      BLOCKS SERVICE         USER          APPLICATION    CLIENT    STATE      WAIT                 BLOCKED BLOCKED BY  QUERY   XACT STATE FOR XMIN AGE STATEMENT                               │
      │ ▲ 4077          2 analytics       svc_analytics nightly report 10.0.4.17 idle in tx                                                 6m52s     6m45s        3 UPDATE strategy_engine.strategies SET … │
      │ ▲ └ 4121        1 strategy_engine svc_execution execution/2    10.0.4.17 active     Lock:transactionid        8s 4077           8s     0s        0s        3 UPDATE execution.orders SET status = $… │
      │    └ 4133         risk_management svc_execution execution/2    10.0.4.17 active     Lock:tuple                3s 4121, 4077     3s     0s        0s        3 UPDATE execution.orders SET status = $… │
      │   4140            execution       svc_execution execution/2    10.0.4.17 active                                                 0s     1s        0s        3 UPDATE execution.orders SET status = $… │
      │   4141            execution       svc_execution execution/2    10.0.4.17 idle                                                                    0s          UPDATE execution.orders SET status = $… │
      │   2201            checkpointer    –             –              –         –          Activity:Checkpoint…                                                                                             │
      ╰─ waiting 2 · active 3 · idle in tx 1 · idle 1 ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯"
    `);
  });

  it('takes a root for as bad as the worst that waits behind it', () => {
    const root = {pid: 4077, blocks: 1, blocksSeconds: 600, state: sanitise('idle in tx'), stateSeconds: 61};
    const state = stateOf({samples: {backends: ok([backend(4077, root)])}});
    expect(drawPane('sessions', state, 80, 5)).toContain('✖ 4077');
  });

  it('says that no one is blocked, what is not tracked, and that a list is cut', () => {
    const samples = {
      backends: ok([backend(4140), backend(4141, {state: sanitise('not tracked'), query: sanitise('')})]),
      backends_info: ok([{total: 1200, untracked: 1}]),
    };
    expect(drawPane('sessions', stateOf({samples}), 80, 8)).toMatchInlineSnapshot(`
      "╭─ Sessions & locks ──────────────────────────────────────────── none blocked ─╮
      │ ▲ the 2 that matter most, of 1,200                                           │
      │ ▲ 1 session without track_activities: what they do is not known              │
      │   PID      SERVICE    STATE       WAIT      QUERY   XACT STATEMENT           │
      │   4140     execution  active                   0s     0s UPDATE execution.o… │
      │   4141     execution  not tracked              0s     0s                     │
      │                                                                              │
      ╰─ waiting 0 · active 1 · idle in tx 0 · idle 0 · not tracked 1 ───────────────╯"
    `);
  });

  it('shows a prepared transaction as what it is', () => {
    const prepared = backend(771, {
      kind: sanitise('prepared transaction'),
      gid: sanitise('transfer-17'),
      state: sanitise('prepared'),
      blocks: 1,
      xactSeconds: 90,
      query: sanitise(''),
    });
    const waiter = backend(4121, {depth: 1, blockedByPrepared: [771], waits: true, waitSeconds: 61});
    const state = stateOf({samples: {backends: ok([prepared, waiter])}});
    expect(drawPane('sessions', state, 100, 6)).toMatchInlineSnapshot(`
      "╭─ Sessions & locks ────────── ▲ prepared transfer-17 blocks 1 · execution · 1m30s in transaction ─╮
      │ ▲ the 2 that matter most, of 6                                                                   │
      │   PID      BLOCKS SERVICE    STATE    WAIT     BLOCKED  QUERY   XACT STATEMENT                   │
      │ ▲ tx 771        1 execution  prepared                      0s  1m30s prepared transaction trans… │
      │ ✖ └ 4121          execution  active               1m1s     0s     0s UPDATE execution.orders SE… │
      ╰─ waiting 1 · active 1 · idle in tx 0 · idle 0 ───────────────────────────────────────────────────╯"
    `);
    expect(paneOf('sessions').table(state).rows[1]?.values.blocked_by).toBe('prepared 771');
  });

  it('is one line where there is no room, and denied where PostgreSQL hides the sessions', () => {
    const brief = (state: ReturnType<typeof stateOf>) =>
      paneOf('sessions')
        .brief(state)
        .map(([text]) => text)
        .join('');
    expect(brief(stateOf())).toBe('▲ pid 4077 blocks 2 · analytics · 6m52s in transaction');
    expect(brief(stateOf({samples: {backends: ok(BACKENDS.slice(3))}}))).toBe('2 sessions, 1 active, none blocked');
    const denied = stateOf({samples: {backends: failing(SAMPLES.backends, DENIED)}});
    expect(brief(denied)).toBe('▲ denied 41s');
  });
});

describe('the plan of a statement', () => {
  const overlay = {kind: 'explain', scroll: 0} as const;
  const screen = (explained: State['explained']) =>
    drawApp({...stateOf({ui: {overlay}}), explained}, 80, 24)
      .split('\n')
      .slice(4, -4)
      .join('\n');

  it('is asked for by e on a session, and by no row without a statement', () => {
    const state = stateOf({ui: {focus: 'sessions', view: 'Database'}});
    const ask = (from: typeof state) => handleScreenKey(from, 'e', {at: NOW, columns: 80, rows: 24});
    expect(ask(state)).toMatchObject({
      ui: {overlay},
      effects: [{kind: 'explain', target: {kind: 'session', pid: 4077}}],
    });
    const noText = {...state, samples: {...state.samples, backends: ok(BACKENDS.slice(-1))}};
    expect(ask(noText)).toMatchObject({effects: [], ui: {note: {text: 'this row has no statement to explain'}}});
  });

  it('is shown with what is certain of it, or why there is none', () => {
    const lines = [
      'Update on execution.orders  (cost=0.29..8.31 rows=0 width=0)',
      '  ->  Seq Scan on execution.orders',
    ];
    const planned = {
      phase: 'planned' as const,
      query: sanitise('UPDATE execution.orders SET status = $1 WHERE order_id = $2'),
      lines: lines.map(line => sanitise(line)),
      facts: [sanitise('execution.orders is read whole, about 4.0 M rows, for about 1: (order_id = $2)')],
    };
    expect(screen(planned)).toMatchInlineSnapshot(`
      "│ 12:04:31.027 JPM    sell     430  195.1100  83,897.30 mean_reversion ACC-02  │
      │ 12:04:30.854 AMZN   buy      355  178.2500  63,278.75 pairs          ACC-03  │
      │ 12:04:30.681 MSFT   buy      280  402.5500 112,714.00 market_making  ACC-01  │
      │╭─ Plan of the statement ─────────────── by the planner alone: not executed ─╮│
      ││ ▲ execution.orders is read whole, about 4.0 M rows, for about 1: (order_id ││
      ││ = $2)                                                                      ││
      ││                                                                            ││
      ││ Update on execution.orders  (cost=0.29..8.31 rows=0 width=0)               ││
      ││   ->  Seq Scan on execution.orders                                         ││
      ││                                                                            ││
      ││ statement                                                                  ││
      ││ UPDATE execution.orders SET status = $1 WHERE order_id = $2                ││
      │╰─ y copy · Esc back ────────────────────────────────────────────────────────╯│
      ╰─ ██▇▇▇▇▇▅▅▄▄▄▄▄▃▄▅▄▅▅▆▇▇▇▇██▇▇ 58s · seen 18,204 · missed 0 ─── 1–14 of 120 ─╯
       2 Positions          30 open  19,630,434.53  unreal +243,149.51                
       3 Slow queries       ▲ 2 over 1 s  top: 8.20 s UPDATE strategy_engine.strategi…"
    `);
    const why = sanitise('our role may not plan it: permission denied for table orders');
    expect(screen({phase: 'refused', why, next: sanitise('')})).toContain('▲ no plan: our role may not plan it');
    expect(screen({phase: 'asking'})).toContain('asking the planner');
  });
});

describe('the wait profile of a session', () => {
  const at = {at: NOW, columns: 80, rows: 24};

  it('is asked for by t on a session and on a row that is about one, also in its details', () => {
    const state = stateOf({ui: {focus: 'sessions', view: 'Database'}});
    const asked = handleScreenKey(state, 't', at);
    expect(asked.ui?.overlay).toEqual({kind: 'waits', scroll: 0});
    expect(asked.effects).toMatchObject([{kind: 'profile', session: {pid: 4077, backendStart: expect.any(String)}}]);
    const details = handleScreenKey(state, 'enter', at).ui ?? state.ui;
    expect(handleScreenKey({...state, ui: details}, 't', at).effects).toEqual(asked.effects);
    const trades = handleScreenKey(stateOf(), 't', at);
    expect(trades.effects).toEqual([]);
    expect(trades.ui?.note?.text).toBe('this row is about no session that is known');
  });

  it('is a bar for each event, and says why there is none', () => {
    const screen = (waits: State['waits']) =>
      drawApp({...stateOf({ui: {overlay: {kind: 'waits', scroll: 0}}}), waits}, 80, 24)
        .split('\n')
        .filter(line => /^│[│╭╰]/.test(line))
        .join('\n');
    const waits = [
      {wait: sanitise('Lock:transactionid'), samples: 41},
      {wait: sanitise('on CPU'), samples: 8},
      {wait: sanitise('IO:DataFileRead'), samples: 1},
    ];
    expect(screen({pid: 4077, phase: 'over', samples: 50, wanted: 50, waits})).toMatchInlineSnapshot(`
      "│╭─ Waits of pid 4077 ─────────────────────────────────────────── 50 samples ─╮│
      ││ Lock:transactionid  ██████████████████████████████████           41   82 % ││
      ││ on CPU              ███████                                       8   16 % ││
      ││ IO:DataFileRead     █                                             1    2 % ││
      │╰─ ten samples a second for five seconds · Esc back ─────────────────────────╯│"
    `);
    expect(screen(undefined)).toContain('sampling …');
    const why = sanitise('the session is gone');
    expect(screen({pid: 4077, phase: 'over', why, samples: 0, wanted: 50, waits: []})).toContain(`▲ ${why}`);
  });
});
