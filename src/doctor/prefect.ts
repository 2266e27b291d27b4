import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {childEnv} from '../core/env.ts';
import {failureOf} from '../core/errors.ts';
import {openPg, type Pg} from '../io/pg.ts';
import type {SqlLibrary} from '../io/sql.ts';
import {type PgTarget, pgName} from '../io/targets.ts';
import {which} from '../io/which.ts';
import {type Finding, failureFinding, finding, findingOf} from './finding.ts';

const PART = {feature: 'prefect', status: 'warn'} as const;

/**
 * Examines Prefect's database, and the program where one is on the PATH. Prefect is optional, so that nothing here is more
 * than a warning.
 */
export async function examinePrefect(target: PgTarget, sql: SqlLibrary): Promise<readonly Finding[]> {
  const pg = openPg(target, sql, {name: 'tradetop doctor', max: 1, reads: 'as itself'});
  const program = programOf();
  try {
    const [tables] = await pg.query('doctor/prefect');
    const schema = tables?.schema;
    return [findingOf(tables), ...(schema ? await migrationOf(pg, String(schema)) : []), ...(await program)];
  } catch (error) {
    const what = `Prefect's database ${pgName(target)} as ${target.user} cannot be used`;
    return [failureFinding({...PART, id: 'prefect'}, what, error), ...(await program)];
  } finally {
    await pg.close();
  }
}

async function migrationOf(pg: Pg, schema: string): Promise<readonly Finding[]> {
  const part = {...PART, id: 'prefect_migration'};
  try {
    return (await pg.query('doctor/prefect_migration', [], {names: {schema}})).map(findingOf);
  } catch (error) {
    const {sqlstate} = failureOf(error);
    if (sqlstate !== '42P01') return [failureFinding(part, 'Prefect’s migration is unknown', error)];
    const text = 'Prefect’s migration is unknown: the table alembic_version is missing';
    return [finding({...part, text, remedy: 'prefect server database upgrade -y'})];
  }
}

const run = promisify(execFile);
const LIMIT_MS = 20_000;

/** The version of the `prefect` program; nothing where there is none. */
async function programOf(): Promise<readonly Finding[]> {
  const file = which('prefect');
  if (file === undefined) return [];
  const part = {...PART, id: 'prefect_program'};
  try {
    const options = {env: childEnv(process.env, 'prefect'), timeout: LIMIT_MS, maxBuffer: 1 << 20};
    const {stdout} = await run(file, ['--version'], options);
    const version = stdout.trim().split('\n').at(-1) ?? '';
    return [finding({...part, status: 'ok', text: `Prefect ${version}, ${file}`})];
  } catch (error) {
    return [failureFinding(part, `${file} does not run`, error)];
  }
}
