import {describe, expect, it} from 'vitest';
import {paneOf} from '../../components/panes/index.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import {drawPane} from '../helpers/state/draw.ts';
import {BACKENDS, backend, DENIED, failing, ok, SAMPLES, stateOf} from '../helpers/state/screen.ts';

describe('the sessions pane', () => {
  it('shows the root first, then who waits behind it, then the others', () => {
    expect(drawPane('sessions', stateOf(), 80, 9, true)).toMatchInlineSnapshot(`
      "╭─ Sessions & locks ─── ▲ pid 4077 (analytics) blocks 2, 6m52s in transaction ─╮
      │   PID      BLOCKS SERVICE        STATE      BLOCKED   XACT STATEMENT         │
      │▸▲ 4077          2 analytics      idle in tx          6m52s UPDATE strategy_… │
      │ ▲ └ 4121        1 strategy_engi… active          8s     0s UPDATE execution… │
      │    └ 4133         risk_manageme… active          3s     0s UPDATE execution… │
      │   4140            execution      active                 1s UPDATE execution… │
      │   4141            execution      idle                      UPDATE execution… │
      │   2201            checkpointer   –                                           │
      ╰─ active 3 · idle in tx 1 · idle 1 · waiting 2 ───────────────────────────────╯"
    `);
  });

  it('shows who they are and how old everything is where there is room', () => {
    expect(drawPane('sessions', stateOf(), 200, 9)).toMatchInlineSnapshot(`
      "╭─ Sessions & locks ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────── ▲ pid 4077 (analytics) blocks 2, 6m52s in transaction ─╮
      │   PID      BLOCKS SERVICE         APPLICATION    CLIENT    STATE      WAIT                     BLOCKED BLOCKED BY  QUERY   XACT STATE FOR XMIN AGE STATEMENT                                         │
      │ ▲ 4077          2 analytics       nightly report 10.0.4.17 idle in tx Client:ClientRead                                   6m52s     6m45s        3 UPDATE strategy_engine.strategies SET updated_at… │
      │ ▲ └ 4121        1 strategy_engine execution/2    10.0.4.17 active     Lock:transactionid            8s 4077           8s     0s        0s        3 UPDATE execution.orders SET status = $1 WHERE or… │
      │    └ 4133         risk_management execution/2    10.0.4.17 active     Lock:tuple                    3s 4121, 4077     3s     0s        0s        3 UPDATE execution.orders SET status = $1 WHERE or… │
      │   4140            execution       execution/2    10.0.4.17 active     –                                               0s     1s        0s        3 UPDATE execution.orders SET status = $1 WHERE or… │
      │   4141            execution       execution/2    10.0.4.17 idle       –                                                                0s          UPDATE execution.orders SET status = $1 WHERE or… │
      │   2201            checkpointer    –              –         –          Activity:CheckpointerMa…                                                                                                       │
      ╰─ active 3 · idle in tx 1 · idle 1 · waiting 2 ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯"
    `);
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
      │   PID      BLOCKS SERVICE    STATE       BLOCKED   XACT STATEMENT            │
      │   4140            execution  active                  0s UPDATE execution.or… │
      │   4141            execution  not tracked             0s                      │
      │                                                                              │
      ╰─ active 1 · idle in tx 0 · idle 0 · waiting 0 ───────────────────────────────╯"
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
      "╭─ Sessions & locks ─────────── ▲ prepared transfer-17 (execution) blocks 1, 1m30s in transaction ─╮
      │ ▲ the 2 that matter most, of 6                                                                   │
      │   PID      BLOCKS SERVICE    STATE    WAIT     BLOCKED  QUERY   XACT STATEMENT                   │
      │ ▲ tx 771        1 execution  prepared –                    0s  1m30s prepared transaction trans… │
      │ ✖ └ 4121          execution  active   –           1m1s     0s     0s UPDATE execution.orders SE… │
      ╰─ active 1 · idle in tx 0 · idle 0 · waiting 1 ───────────────────────────────────────────────────╯"
    `);
    expect(paneOf('sessions').table(state).rows[1]?.values.blocked_by).toBe('prepared 771');
  });

  it('is one line where there is no room, and denied where PostgreSQL hides the sessions', () => {
    const brief = (state: ReturnType<typeof stateOf>) =>
      paneOf('sessions')
        .brief(state)
        .map(([text]) => text)
        .join('');
    expect(brief(stateOf())).toBe('▲ pid 4077 (analytics) blocks 2, 6m52s in transaction');
    expect(brief(stateOf({samples: {backends: ok(BACKENDS.slice(3))}}))).toBe('2 sessions, 1 active, none blocked');
    const denied = stateOf({samples: {backends: failing(SAMPLES.backends, DENIED)}});
    expect(brief(denied)).toBe('▲ denied 41s');
  });
});
