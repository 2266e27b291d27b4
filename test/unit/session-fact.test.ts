import {describe, expect, it} from 'vitest';
import {sessionFact} from '../../src/actions/session-view.ts';
import type {Raw} from '../../src/io/io.ts';

const SESSION: Raw = {
  pid: 71,
  kind: 'client backend',
  username: 'svc_strategy_engine',
  application: 'signal-worker',
  client: '10.0.0.7',
  database: 'trading_system',
  state: 'idle',
  state_seconds: 130,
  session_seconds: 3600,
  xact_seconds: null,
  locks: null,
  lock_count: 0,
  query: `SELECT ${'signal, '.repeat(60)} 1`,
  query_hex: null,
};

describe('a session in the dialog', () => {
  it('says everything where it is one of few', () => {
    expect(sessionFact(SESSION, new Map()).value).toMatch(
      /^svc_strategy_engine, signal-worker from 10\.0\.0\.7 · in trading_system · idle 2m10s · connected 1h · holds no lock on tables · blocks nobody · SELECT .*…$/,
    );
  });

  it('has a line where it is one of many, with what it holds and whom it blocks, if it does', () => {
    const brief = (row: Raw, waits = new Map<number, readonly number[]>()) => sessionFact(row, waits, true).value;
    const short = 'svc_strategy_engine, signal-worker from 10.0.0.7 · idle 2m10s';
    expect(brief(SESSION)).toMatch(new RegExp(`^${short} · SELECT .{1,40}…$`));
    const holder = {...SESSION, locks: 'execution.trades ShareLock', lock_count: 1, query: ''};
    expect(brief(holder, new Map([[72, [71]]]))).toBe(`${short} · holds execution.trades ShareLock · blocks 1`);
    expect(brief({...SESSION, application: 'tradetop sync', query: ''})).toMatch(/tradetop’s own work/);
  });
});
