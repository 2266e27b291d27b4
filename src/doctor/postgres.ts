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

/** Examines what `tradetop sync --source slot` needs: always, or where its slot is there. */
export type SlotExamination = 'always' | 'in use';

/** Examines the trading database and its server. `reached` is false where there was no connection to ask. */
export async function examinePostgres(
  target: PgTarget,
  sql: SqlLibrary,
  slot: SlotExamination = 'in use',
): Promise<{readonly reached: boolean; readonly findings: readonly Finding[]}> {
  const pg = openPg(target, sql, {name: 'tradetop doctor', max: 1, reads: 'as itself'});
  try {
    const findings = [...(await connectionOf(pg))];
    if (findings[0]?.status === 'missing') return {reached: false, findings};
    for (const [name, feature] of TOPICS) findings.push(...(await ask(pg, name, feature)));
    findings.push(...(await readOnlySettings(pg)));
    findings.push(...(await ask(pg, 'doctor/slot', SLOT_FEATURE, [slot === 'always'])));
    if (slot === 'always' && findings.includes(THROUGH_A_POOLER)) findings.push(pooledSlot);
    return {reached: true, findings};
  } finally {
    await pg.close();
  }
}

const SLOT_FEATURE = 'sync --source slot';

const pooledSlot = finding({
  id: 'slot_pooler',
  feature: SLOT_FEATURE,
  status: 'missing',
  text: 'the connection goes through a pooler, which cannot stream the WAL to a worker',
  remedy: 'connect to PostgreSQL directly',
});

async function connectionOf(pg: Pg): Promise<readonly Finding[]> {
  const part = {id: 'postgres', feature: 'everything'};
  const what = `PostgreSQL at ${pgName(pg.target)} as ${pg.target.user}`;
  try {
    const {pooled} = await pg.withClient(client => backendOf(client, pg.sql));
    const reached = finding({...part, status: 'ok', text: what});
    return pooled ? [reached, THROUGH_A_POOLER] : [reached];
  } catch (error) {
    const {why} = failureOf(error);
    return [
      failureFinding(
        {...part, status: 'missing'},
        why === 'denied' ? `${what} is refused` : `${what} cannot be used`,
        error,
      ),
    ];
  }
}

const THROUGH_A_POOLER = finding({
  id: 'pooler',
  feature: 'maintenance, setup, feed',
  status: 'warn',
  text:
    'the connection leads through a pooler: every statement runs in a transaction with settings of its own, so that ' +
    'nothing is left behind for other clients; actions, setup and feed refuse to run through it',
  remedy: 'connect to PostgreSQL directly for these',
});

async function ask(
  pg: Pg,
  name: string,
  feature: string,
  params: readonly unknown[] = [],
): Promise<readonly Finding[]> {
  try {
    return (await pg.query(name, params)).map(findingOf);
  } catch (error) {
    return [failureFinding({id: name.replace('doctor/', ''), feature, status: 'missing'}, 'the query failed', error)];
  }
}

/** What keeps the desk from writing on a server that is not in recovery; the check of `verify` finds it. */
async function readOnlySettings(pg: Pg): Promise<readonly Finding[]> {
  const part = {id: 'read_only', feature: 'services, sync, maintenance, setup', status: 'missing'} as const;
  try {
    const rows = await pg.query('verify/health_writable');
    return rows.map(({object, problem, reset}) =>
      finding({...part, text: `${object}: ${problem}`, remedy: String(reset)}),
    );
  } catch (error) {
    return [failureFinding(part, 'the query failed', error)];
  }
}
