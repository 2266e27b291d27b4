import {describe, expect, it} from 'vitest';
import {paneOf} from '../../components/panes/index.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import {drawPane} from '../helpers/state/draw.ts';
import {DENIED, DOWN, failing, ok, progress, SAMPLES, stateOf, table} from '../helpers/state/screen.ts';

const dead = table('execution', 'orders', {liveRows: 40_000, deadRows: 61_000, lastVacuum: undefined});
const [partitions] = SAMPLES.partitions.rows;

describe('the tables pane', () => {
  it('shows the largest tables first, and indexes that could go last', () => {
    expect(drawPane('tables', stateOf(), 80, 12, true)).toMatchInlineSnapshot(`
      "╭─ Tables & vacuum ──────────────────────────────────────────── ● no problems ─╮
      │   TABLE                         SIZE    LIVE    DEAD DEAD%   VACUUM NOTE     │
      │▸  …stion.market_data_2026_11  4.8 GB  48.0 M     120   <1%     2d a          │
      │   logging.system_logs         2.4 GB  12.4 M       0    0%    never          │
      │   execution.trades            1.2 GB   9.1 M 412,000    4%     2d a          │
      │   execution.orders            700 MB   4.0 M  88,120    2%     5h a          │
      │   execution.positions        96.0 kB      48   3,120   98%    41s a          │
      │   data_ingestion.market_data     0 B       0       0                8 parti… │
      │   …ution.idx_orders_status_2 87.0 MB                                does th… │
      │   logging.idx_logs_host       393 MB                                of syst… │
      │                                                                              │
      ╰─ 5 tables · 9.1 GB · dead 503,360 ───────────────────────────────────────────╯"
    `);
  });

  it('shows scans, updates, age and estimated bloat where there is room', () => {
    expect(drawPane('tables', stateOf(), 200, 12)).toMatchInlineSnapshot(`
      "╭─ Tables & vacuum ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────── ● no problems ─╮
      │   TABLE                              KIND               SIZE    LIVE    DEAD DEAD%   VACUUM  ANALYZE CHANGED    SEQ  INDEX  HOT% FREEZE% ~BLOAT NOTE                                                 │
      │   data_ingestion.market_data_2026_11 partition        4.8 GB  48.0 M     120   <1%     2d a       1d   4,012     12  1.2 M   95%     41%                                                             │
      │   logging.system_logs                table            2.4 GB  12.4 M       0    0%    never       1d   4,012     12  1.2 M   95%     41%                                                             │
      │   execution.trades                   table            1.2 GB   9.1 M 412,000    4%     2d a       1d   4,012     12  1.2 M   95%     41%    ~3%                                                      │
      │   execution.orders                   table            700 MB   4.0 M  88,120    2%     5h a       1d   4,012     12  1.2 M   95%     41%   ~22%                                                      │
      │   execution.positions                table           96.0 kB      48   3,120   98%    41s a       1d   4,012     12  1.2 M   95%     41%                                                             │
      │   data_ingestion.market_data         partitioned         0 B       0       0                      1d   4,012     12  1.2 M   95%     41%        8 partitions, 98d ahead                              │
      │   execution.idx_orders_status_2      duplicate index 87.0 MB                                                                                    does the same as idx_orders_status of orders         │
      │   logging.idx_logs_host              unused index     393 MB                                                                                    of system_logs: not used in 30d                      │
      │                                                                                                                                                                                                      │
      ╰─ 5 tables · 9.1 GB · dead 503,360 ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯"
    `);
  });

  it('shows what runs, and what is wrong, before all others', () => {
    const samples = {
      progress: ok([progress(), progress({pid: 9, relation: sanitise(''), command: sanitise('BASE BACKUP')})]),
      tables: ok([...SAMPLES.tables.rows.slice(0, 1), dead]),
      partitions: ok(partitions ? [{...partitions, covered: false, defaultRows: 120}] : []),
      indexes: ok(SAMPLES.indexes.rows.map(row => ({...row, problem: 'invalid' as const}))),
    };
    expect(drawPane('tables', stateOf({samples}), 110, 10)).toMatchInlineSnapshot(`
      "╭─ Tables & vacuum ────────────────────────────────────────────────────────── ✖ execution.orders and 2 more ─╮
      │   TABLE                         SIZE    LIVE    DEAD DEAD%   VACUUM CHANGED NOTE                           │
      │ ↻ execution.trades                                                          autovacuum: scanning heap 45%… │
      │ ↻ server                                                                    autobase backup: scanning hea… │
      │ ✖ execution.orders            1.2 GB  40,000  61,000   60%    never   4,012                                │
      │ ▲ …ution.idx_orders_status_2 87.0 MB                                        of orders: serves no query     │
      │ ▲ logging.idx_logs_host       393 MB                                        of system_logs: serves no que… │
      │   execution.trades            1.2 GB   9.1 M 412,000    4%     2d a   4,012                                │
      │                                                                                                            │
      ╰─ 2 tables · 2.4 GB · dead 473,000 ─────────────────────────────────────────────────────────────────────────╯"
    `);
  });

  it('says that a second source fails, and is one line where there is no room', () => {
    const samples = {indexes: failing(SAMPLES.indexes, DOWN), progress: failing(SAMPLES.progress, DENIED)};
    expect(drawPane('tables', stateOf({samples}), 90, 8)).toMatchInlineSnapshot(`
      "╭─ Tables & vacuum ────────────────────────────────────────── ▲ not everything is known ─╮
      │ ▲ what runs denied 41s: permission denied for view pg_stat_statements · Connect as     │
      │   tradetop_monitor or tradetop_operator, or GRANT pg_monitor to this role.             │
      │ ▲ indexes and bloat down 41s: connect ECONNREFUSED 127.0.0.1:5432 · Is the server      │
      │   running, and are host and port right?                                                │
      │   TABLE                         SIZE    LIVE   DEAD DEAD%   VACUUM NOTE                │
      │   …stion.market_data_2026_11  4.8 GB  48.0 M    120   <1%     2d a                     │
      ╰─ 5 tables · 9.1 GB · dead 503,360 ────────────────────────────────────────── 1–1 of 8 ─╯"
    `);
    const brief = (state: ReturnType<typeof stateOf>) =>
      paneOf('tables')
        .brief(state)
        .map(([text]) => text)
        .join('');
    expect(brief(stateOf())).toBe('● no problems');
    expect(brief(stateOf({samples: {tables: ok([dead])}}))).toBe('✖ execution.orders');
    expect(brief(stateOf({samples: {progress: ok([progress()])}}))).toBe(
      'execution.trades: autovacuum: scanning heap 45%, 51s left · for 41s · pid 5120',
    );
  });
});
