import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {sanitise} from '../../src/core/sanitise.ts';
import type {Raw} from '../../src/io/io.ts';
import {decode, grew, number, rowSchema, serviceName, text} from '../../src/monitor/columns.ts';
import {positionRows} from '../../src/monitor/positions.ts';
import {foldProgress} from '../../src/monitor/progress.ts';
import {foldRedis, parseInfo, type RedisMemory} from '../../src/monitor/redis.ts';
import {runningRows} from '../../src/monitor/running.ts';
import {foldServer, type ServerMemory, type ServerReading} from '../../src/monitor/server.ts';
import {sessionsRows} from '../../src/monitor/sessions.ts';
import {foldSettings} from '../../src/monitor/settings-changed.ts';
import {SourceError} from '../../src/monitor/source-error.ts';
import {tradeRows} from '../../src/monitor/trades.ts';

const trade: Raw = {
  trade_id: 'T-1',
  order_id: null,
  account_id: 'ACC-01',
  symbol: 'AA\u001b[2JPL',
  side: 'buy',
  quantity: '100.0000',
  price: '99999999999.9999',
  commission: null,
  executed_at: '2026-11-22 09:00:00.123456+00',
  strategy: '',
  trade_type: 'opening',
};
const failureOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return error instanceof SourceError ? error.failure : error;
  }
  return undefined;
};

describe('columns', () => {
  it('come out under their names in camelCase; columns that the schema does not name are dropped', () => {
    const row = rowSchema({symbol: text, idle_in_transaction_seconds: number});
    const rows = decode(row, [{symbol: 'AAPL', idle_in_transaction_seconds: 3.5, more: 1}], 'monitor/any');
    expect(rows).toEqual([{symbol: 'AAPL', idleInTransactionSeconds: 3.5}]);
    expect(rows[0]?.idleInTransactionSeconds).toBe(3.5);
  });

  it('are named by their SQL names when they do not fit the schema', () => {
    const row = rowSchema({idle_in_transaction_seconds: number});
    expect(failureOf(() => decode(row, [{idle_in_transaction_seconds: null}], 'monitor/any'))).toMatchObject({
      why: 'bug',
      message: expect.stringContaining('monitor/any: idle_in_transaction_seconds'),
    });
  });
});

describe('rows of the tape', () => {
  it('keep ids apart that look the same', () => {
    const ids = ['a b', 'a\u00a0b', 'a\tb', 'ab', 'a\u200bb', 'caf\u00e9', 'cafe\u0301'];
    const shown = tradeRows(
      ids.map(trade_id => ({...trade, trade_id})),
      7,
    ).map(row => row.tradeId);
    expect(new Set(shown).size).toBe(ids.length);
    expect(shown.slice(0, 2)).toEqual(['a b', 'a�{a0}b']);
  });

  it('keep digits and microseconds, and are safe to show', () => {
    expect(tradeRows([trade], 7)).toEqual([
      {
        tradeId: 'T-1',
        orderId: undefined,
        accountId: 'ACC-01',
        symbol: 'AA�{1b}[2JPL',
        side: 'buy',
        quantity: '100.0000',
        price: '99999999999.9999',
        commission: undefined,
        strategy: undefined,
        tradeType: 'opening',
        realizedPnl: undefined,
        executedAt: Date.UTC(2026, 10, 22, 9) * 1000 + 123_456,
        receivedAt: 7,
        lagMs: undefined,
        from: 'table',
      },
    ]);
  });

  it('leave out trades without a number or a time', () => {
    const bad: readonly Raw[] = [
      {...trade, quantity: 'NaN'},
      {...trade, price: 'Infinity'},
      {...trade, executed_at: 'infinity'},
    ];
    expect(tradeRows([...bad, trade], 7)).toHaveLength(1);
  });

  it('name the statement and the column when it does not fit the schema', () => {
    expect(failureOf(() => tradeRows([{...trade, symbol: 7}], 7))).toMatchObject({
      why: 'bug',
      message: expect.stringContaining('monitor/trades: symbol'),
    });
  });
});

describe('rows of the positions', () => {
  const position: Raw = {
    account_id: 'ACC-01',
    symbol: 'AAPL',
    quantity: '10.0000',
    avg_price: '1.1000',
    mark: null,
    mark_at: '2026-11-22 09:00:00+00',
    market_value: '99999999999999.1234',
    unrealized_pnl: null,
    realized_pnl: '-1.5000',
    last_updated: null,
  };

  it('keep their digits, and leave unknown what is not known', () => {
    expect(positionRows([position])).toEqual([
      {
        accountId: 'ACC-01',
        symbol: 'AAPL',
        quantity: '10.0000',
        avgPrice: '1.1000',
        mark: undefined,
        markAt: undefined,
        marketValue: '99999999999999.1234',
        unrealizedPnl: undefined,
        realizedPnl: '-1.5000',
        lastUpdated: undefined,
      },
    ]);
    expect(positionRows([])).toEqual([]);
  });
});

describe('rows of the sessions', () => {
  const session: Raw = {
    role: 'svc_execution',
    application: '',
    database: 'trading_system',
    sessions: 6,
    active: 1,
    idle: 4,
    idle_in_transaction: 1,
    waiting: 1,
    untracked: 0,
    hidden: 0,
    idle_application: null,
    idle_alike: 0,
    idle_in_transaction_pid: 12,
    idle_in_transaction_start: null,
    idle_in_transaction_seconds: 3.5,
    blocked_seconds: 8,
    blocked_by: 4121,
    holder_role: 'postgres',
    holder_application: 'psql',
    reader: 'tradetop_monitor',
  };

  it('name services and who blocks them', () => {
    expect(sessionsRows([session])[0]).toMatchObject({
      service: 'execution',
      idleInTransactionSeconds: 3.5,
      blockedBy: 4121,
      blockedByService: 'postgres/psql',
    });
  });

  it('are denied where other roles hide', () => {
    expect(failureOf(() => sessionsRows([session, {...session, hidden: 2}]))).toMatchObject({
      why: 'denied',
      retry: false,
      next: 'Run as a superuser: GRANT pg_read_all_stats TO tradetop_monitor;',
    });
  });

  it('name a service by its role, otherwise by role and application', () => {
    expect(serviceName('svc_risk_management', 'anything')).toBe('risk_management');
    expect(serviceName('postgres', 'psql')).toBe('postgres/psql');
    expect(serviceName('postgres', '')).toBe('postgres');
    expect(serviceName(null, null)).toBe('unknown');
  });
});

describe('rows of running queries', () => {
  const run: Raw = {
    pid: 7,
    backend_start: '2026-11-22 09:00:00+00',
    role: 'svc_analytics',
    application: '',
    database: 'trading_system',
    state: 'active',
    wait: 'Lock:transactionid',
    seconds: 12.5,
    query: 'UPDATE x',
    query_hex: null,
    hidden: false,
    untracked: 0,
    blocked_by: '8,9',
    reader: 'me',
  };

  it('name the sessions that they wait for', () => {
    expect(runningRows([run])[0]).toMatchObject({service: 'analytics', blockedBy: [8, 9], wait: 'Lock:transactionid'});
    expect(runningRows([{...run, blocked_by: null, wait: null}])[0]).toMatchObject({blockedBy: [], wait: undefined});
  });

  it('leave out sessions whose queries are not tracked', () => {
    expect(runningRows([run, {...run, state: 'disabled', query: ''}])).toHaveLength(1);
  });

  it('are denied where one is hidden', () => {
    expect(failureOf(() => runningRows([run, {...run, hidden: true, query: null}]))).toMatchObject({why: 'denied'});
  });
});

describe('rows of long operations', () => {
  const vacuum: Raw = {
    pid: 1,
    relation: 'execution.trades',
    command: 'VACUUM',
    phase: 'scanning heap',
    done: 50,
    total: 200,
    heap_blocks: 200,
    scanned_blocks: 50,
    seconds: 2,
    automatic: false,
    reader: 'me',
  };
  const first = (raw: Raw, before = new Map(), at = 0) => foldProgress(before, [raw], at).rows[0];

  it('give the share that is done, of the phase and of a VACUUM’s blocks', () => {
    expect(first(vacuum)).toMatchObject({percent: 25, scannedPercent: 25, leftSeconds: undefined});
    expect(first({...vacuum, heap_blocks: 0, total: 0})).toMatchObject({percent: undefined, scannedPercent: 100});
    expect(first({...vacuum, heap_blocks: 0, phase: 'initializing'})).toMatchObject({scannedPercent: 0});
    expect(first({...vacuum, heap_blocks: null})?.scannedPercent).toBeUndefined();
  });

  it('tell the time that is left by the pace since the phase was first seen', () => {
    const {memory} = foldProgress(new Map(), [vacuum], 1000);
    expect(first({...vacuum, done: 100}, memory, 3000)?.leftSeconds).toBe(4);
    expect(first({...vacuum, done: 50}, memory, 3000)?.leftSeconds).toBeUndefined();
    // A counter that goes back, or another phase, begins anew.
    expect(first({...vacuum, done: 40}, memory, 3000)?.leftSeconds).toBeUndefined();
    expect(first({...vacuum, phase: 'vacuuming heap', done: 90}, memory, 3000)?.leftSeconds).toBeUndefined();
  });

  it('are denied where details are hidden', () => {
    expect(failureOf(() => first({...vacuum, phase: null}))).toMatchObject({why: 'denied'});
  });
});

describe('the row of the server', () => {
  const reading = (more: Partial<ServerReading> = {}): ServerReading => ({
    version: sanitise('15.18 (Debian 15.18-0+deb12u1)'),
    database: sanitise('trading_system'),
    user: sanitise('me'),
    standby: false,
    startedAt: 1,
    clock: 0,
    sessions: 3,
    active: 1,
    waiting: 0,
    maxConnections: 100,
    oldestXactSeconds: 0,
    standbys: 0,
    statsReset: null,
    transactions: 1000,
    blocksHit: 900,
    blocksRead: 100,
    deadlocks: 0,
    walBytes: 5000,
    readsAllStats: true,
    workedMs: 1,
    ...more,
  });
  const fold = (before: ServerMemory | undefined, now: ServerReading, at = 0) =>
    foldServer(before, now, {sizeBytes: 1, grownBytes: 0, grownSeconds: 0, latencyMs: undefined}, at);
  const later = {clock: 2e6, transactions: 1100, blocksHit: 990, blocksRead: 110, walBytes: 9000};

  it('gives rates per second of the server’s clock', () => {
    const {memory, row} = fold(undefined, reading());
    expect(row).toMatchObject({version: '15.18', tps: undefined, hitPercent: undefined, walBytesPerSecond: undefined});
    expect(fold(memory, reading(later)).row).toMatchObject({tps: 50, hitPercent: 90, walBytesPerSecond: 2000});
  });

  it('has no rates over a restart, a fail-over or a reset, and says when it saw them', () => {
    const {memory} = fold(undefined, reading());
    expect(fold(memory, reading({...later, startedAt: 2}), 9).row).toMatchObject({
      tps: undefined,
      walBytesPerSecond: undefined,
      restartedAt: 9,
      roleChangedAt: undefined,
    });
    const turned = fold(memory, reading({...later, standby: true}), 9);
    expect(turned.row).toMatchObject({tps: undefined, restartedAt: undefined, roleChangedAt: 9});
    expect(fold(turned.memory, reading({...later, standby: true, clock: 4e6}), 11).row.roleChangedAt).toBe(9);
    expect(fold(memory, reading({...later, statsReset: 'now'})).row).toMatchObject({
      tps: undefined,
      walBytesPerSecond: 2000,
    });
  });

  it('notices that a standby is gone, until it is back or the server changed its role', () => {
    let memory: ServerMemory | undefined;
    const lost = [0, 2, 1, 1, 2, 0].map((standbys, at) => {
      const folded = fold(memory, reading({standbys, clock: at * 1e6}), at);
      memory = folded.memory;
      return folded.row.standbyLostAt;
    });
    expect(lost).toEqual([undefined, undefined, 2, 2, undefined, 5]);
    expect(fold(memory, reading({standbys: 0, standby: true}), 9).row.standbyLostAt).toBeUndefined();
  });

  it('notices deadlocks', () => {
    const {memory, row} = fold(undefined, reading({deadlocks: 3}), 5);
    expect(row.lastDeadlockAt).toBeUndefined();
    expect(fold(memory, reading({...later, deadlocks: 4}), 7).row.lastDeadlockAt).toBe(7);
  });

  it('never has a negative rate', () => {
    const any = fc.record({
      clock: fc.nat(1e9),
      startedAt: fc.constantFrom(1, 2),
      transactions: fc.nat(1e6),
      blocksHit: fc.nat(1e6),
      blocksRead: fc.nat(1e6),
      walBytes: fc.option(fc.nat(1e6), {nil: undefined}),
    });
    fc.assert(
      fc.property(fc.array(any, {maxLength: 8}), readings => {
        let memory: ServerMemory | undefined;
        for (const r of readings) {
          const folded = fold(memory, reading(r));
          memory = folded.memory;
          for (const rate of [folded.row.tps, folded.row.walBytesPerSecond, folded.row.hitPercent]) {
            if (rate !== undefined) expect(rate >= 0 && Number.isFinite(rate)).toBe(true);
          }
        }
      }),
    );
  });
});

describe('the row of Redis', () => {
  const info = (more: Readonly<Record<string, string | number>> = {}) =>
    `# Server\r\n${Object.entries({
      redis_version: '7.0.15',
      run_id: 'a',
      role: 'master',
      uptime_in_seconds: 100,
      connected_clients: 4,
      used_memory: 1_000_000,
      maxmemory: 0,
      evicted_keys: 2,
      ...more,
    })
      .map(([name, value]) => `${name}:${value}`)
      .join('\r\n')}\r\n`;
  const asked = {subscribers: 3, latencyMs: 0.3};

  it('is read from INFO; what a server does not count is not known', () => {
    expect(foldRedis(undefined, info(), asked, 0).row).toMatchObject({
      version: '7.0.15',
      role: 'master',
      clients: 4,
      evicted: 2,
      outputBufferCuts: undefined,
      subscribers: 3,
      lastEvictionAt: undefined,
    });
    expect(foldRedis(undefined, info({valkey_version: '8.1.1'}), asked, 0).row.version).toBe('8.1.1');
    expect(parseInfo('executable:/usr/bin/redis-server:x\r\n').get('executable')).toBe('/usr/bin/redis-server:x');
  });

  it('notices evictions, cuts and restarts', () => {
    const {memory} = foldRedis(undefined, info({client_output_buffer_limit_disconnections: 0}), asked, 1);
    const more = {evicted_keys: 5, client_output_buffer_limit_disconnections: 1, run_id: 'b'};
    const next = foldRedis(memory, info(more), asked, 2);
    expect(next.row).toMatchObject({lastEvictionAt: 2, lastCutAt: 2, restartedAt: 2, outputBufferCuts: 1});
    expect(foldRedis(next.memory, info(more), asked, 3).row).toMatchObject({lastEvictionAt: 2, restartedAt: 2});
  });

  it('treats a counter that fell as restarted', () => {
    expect([grew(5, 5), grew(5, 6), grew(5, 0), grew(5, 2), grew(undefined, 2)]).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
  });
});

describe('the settings of the server', () => {
  const raw = (value: string, pending_restart = false, name = 'work_mem'): Raw => ({name, value, pending_restart});

  it('are changed when they differ from the reading before, and once each', () => {
    const first = foldSettings(undefined, [], [raw('4096'), raw('on', false, 'fsync')], 1);
    expect(first.changes).toEqual([]);
    const second = foldSettings(first.settings, first.changes, [raw('8192'), raw('on', false, 'fsync')], 2);
    expect(second.changes).toEqual([{name: 'work_mem', before: '4096', value: '8192', pendingRestart: false, at: 2}]);
    const third = foldSettings(second.settings, second.changes, [raw('9000'), raw('on', true, 'fsync')], 3);
    expect(third.changes.map(row => [row.name, row.value, row.pendingRestart, row.at])).toEqual([
      ['work_mem', '9000', false, 3],
      ['fsync', 'on', true, 3],
    ]);
  });

  it('that wait for a restart are told at the first reading', () => {
    expect(foldSettings(undefined, [], [raw('on', true, 'fsync'), raw('1')], 1).changes).toHaveLength(1);
  });
});

describe('what Redis reports of its files and its replication', () => {
  const asked = {subscribers: 3, latencyMs: 0.3};
  const rowOf = (fields: Readonly<Record<string, string | number>>) =>
    foldRedis(
      undefined,
      Object.entries(fields)
        .map(([k, v]) => `${k}:${v}`)
        .join('\r\n'),
      asked,
      0,
    ).row;

  it('is trouble only where it says so', () => {
    expect(rowOf({role: 'master', rdb_last_bgsave_status: 'ok'})).toMatchObject({
      persistence: undefined,
      replication: undefined,
      largestBufferBytes: undefined,
    });
    expect(rowOf({rdb_last_bgsave_status: 'err', aof_last_write_status: 'err'}).persistence).toBe(
      'the last snapshot failed, the append-only file cannot be written',
    );
    expect(rowOf({loading: 1}).persistence).toMatch(/^it reads its files/);
    expect(rowOf({role: 'slave', master_link_status: 'down'}).replication).toMatch(/master is down$/);
    expect(rowOf({client_recent_max_output_buffer: 9}).largestBufferBytes).toBe(9);
  });

  it('is compared with the reading before: slow commands and lost replicas', () => {
    const read = (before: RedisMemory | undefined, replicas: number, id: number | undefined, at: number) =>
      foldRedis(
        before,
        `run_id:a\r\nconnected_slaves:${replicas}`,
        {...asked, slow: id === undefined ? undefined : {id, text: 'KEYS *, 12 ms'}},
        at,
      );
    const first = read(undefined, 2, 7, 1);
    expect(first.row).toMatchObject({lastSlowAt: undefined, replicaLostAt: undefined});
    const second = read(first.memory, 1, 8, 2);
    expect(second.row).toMatchObject({lastSlowAt: 2, lastSlow: 'KEYS *, 12 ms', replicaLostAt: 2});
    const third = read(second.memory, 2, 8, 3);
    expect(third.row).toMatchObject({lastSlowAt: 2, replicaLostAt: undefined});
  });
});
