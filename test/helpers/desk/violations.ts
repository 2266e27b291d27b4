import type {Io} from '../../../src/io/io.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {readChecks} from '../../../src/verify/read-checks.ts';
import {runChecks} from '../../../src/verify/run.ts';

const checks = readChecks(loadSql());

/** What the chosen checks (default: all of the data) find or cannot tell, each in its window and of everything. */
export async function violations(io: Io, only: readonly string[] = ['data']) {
  const late = await runChecks(io, checks, {only});
  const full = await runChecks(io, checks, {only, full: true});
  return [...late, ...full]
    .filter(({status}) => status !== 'pass')
    .map(({id, status, rows, why}) => ({id, status, rows, why}));
}
