import {failureOf} from '../core/errors.ts';
import {backendOf, openPg, type Pg} from '../io/pg.ts';
import type {SqlLibrary} from '../io/sql.ts';
import {type PgTarget, pgName} from '../io/targets.ts';
import {type Finding, failureFinding, finding, findingOf} from './finding.ts';

const TOPICS = [
  ['doctor/server', 'every pane'],
  ['doctor/set_up', 'trades, positions, sync, maintenance'],
  ['doctor/rights', 'connection health, maintenance'],
  ['doctor/statements', 'slow queries'],
  ['doctor/settings', 'slow queries, connection health'],
] as const;

/** Examines the trading database and its server. `reached` is false where there was no connection to ask. */
export async function examinePostgres(
  target: PgTarget,
  sql: SqlLibrary,
): Promise<{readonly reached: boolean; readonly findings: readonly Finding[]}> {
  const pg = openPg(target, sql, {name: 'tradetop doctor', max: 1});
  try {
    const connection = await connectionOf(pg);
    if (connection.status === 'missing') return {reached: false, findings: [connection]};
    const findings = [connection];
    for (const [name, feature] of TOPICS) findings.push(...(await ask(pg, name, feature)));
    return {reached: true, findings};
  } finally {
    await pg.close();
  }
}

async function connectionOf(pg: Pg): Promise<Finding> {
  const part = {id: 'postgres', feature: 'everything'};
  const what = `PostgreSQL at ${pgName(pg.target)} as ${pg.target.user}`;
  try {
    const {pooled} = await pg.withClient(client => backendOf(client, pg.sql));
    if (!pooled) return finding({...part, status: 'ok', text: what});
    const text = `${what}: the connection goes through a pooler, which actions refuse`;
    return finding({...part, feature: 'maintenance', status: 'warn', text, remedy: 'connect to PostgreSQL directly'});
  } catch (error) {
    const {why} = failureOf(error);
    return failureFinding(
      {...part, status: 'missing'},
      why === 'denied' ? `${what} is refused` : `${what} cannot be used`,
      error,
    );
  }
}

async function ask(pg: Pg, name: string, feature: string): Promise<readonly Finding[]> {
  try {
    return (await pg.query(name)).map(findingOf);
  } catch (error) {
    return [failureFinding({id: name.replace('doctor/', ''), feature, status: 'missing'}, 'the query failed', error)];
  }
}

/** Examines Prefect's database. Prefect is optional, so that nothing here is more than a warning. */
export async function examinePrefect(target: PgTarget, sql: SqlLibrary): Promise<readonly Finding[]> {
  const pg = openPg(target, sql, {name: 'tradetop doctor', max: 1});
  try {
    return (await pg.query('doctor/prefect')).map(findingOf);
  } catch (error) {
    const what = `Prefect's database ${pgName(target)} as ${target.user} cannot be used`;
    return [failureFinding({id: 'prefect', feature: 'prefect', status: 'warn'}, what, error)];
  } finally {
    await pg.close();
  }
}
