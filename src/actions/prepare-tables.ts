import {count, plural} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {parseMicros} from '../core/time.ts';
import type {Io} from '../io/io.ts';
import type {ActionContext, LostRun, Prepared} from './action.ts';
import {fact, holderFact, horizonFact, tableFacts} from './facts.ts';
import {findTarget} from './find-target.ts';
import type {Fact} from './plan.ts';
import {shown} from './statements.ts';
import type {Job, JobResult} from './table-job.ts';
import {workThrough} from './table-work.ts';
import {listTables, type TableInfo} from './tables.ts';
import type {Target} from './target.ts';
import {targetName} from './target.ts';

type Statement = {readonly statement: string; readonly vacuums: boolean; readonly analyzes: boolean};

/** What differs between the actions that process tables. */
export type TableWork = {
  /** For messages: `vacuum`. */
  readonly verb: string;
  /** A table's statement; `withParent`: its parent is processed too. Undefined: the parent's statement includes it. */
  readonly statementFor: (context: ActionContext, table: TableInfo, withParent: boolean) => Statement | undefined;
};

const MAX_NAMED = 3;

/** Looks at a target's tables and prepares a statement for each that this role may maintain. */
export async function prepareTables(context: ActionContext, target: Target, work: TableWork): Promise<Prepared> {
  const {io, sql} = context;
  const tables = await listTables(io, target);
  const allowed = tables.filter(t => t.denied === undefined);
  const denied = tables.filter(t => t.denied !== undefined);
  const worked = new Set(allowed.map(t => t.oid));
  const found = allowed.flatMap((table): Job[] => {
    const statement = work.statementFor(context, table, table.parent !== null && worked.has(table.parent));
    if (!statement) return [];
    const setRole = table.runs_as
      ? sql.statement('actions/set_role', io.pgVersion(), {role: table.runs_as})
      : undefined;
    return [{table, name: nameOf(table), setRole, ...statement}];
  });
  const jobs = found.toSorted((a, b) => lastDone(a).localeCompare(lastDone(b)));
  const skipped = denied.map(
    (t): JobResult => ({name: nameOf(t), status: 'skipped', reason: t.denied ?? '', removed: undefined, dead: 0}),
  );
  const resetRole = sql.statement('actions/reset_role', 0);
  return {
    facts: await factsOf(context, allowed, denied, jobs),
    sql: withRoles(jobs, resetRole).map(shown),
    refusal: refusalOf(io.pgVersion(), target, tables, allowed, work.verb),
    execute: session => workThrough(session, jobs, skipped, resetRole),
  };
}

/** When a table was last processed: the longest ago comes first, so that a run that is stopped goes on there the next time. */
const lastDone = ({vacuums, table}: Job): string => (vacuums ? table.last_vacuum : table.last_analyze) ?? '';

const nameOf = (t: TableInfo) => targetName({kind: 'table', schema: t.schema, name: t.name}, '');

// Everything that will be sent, changes of role included.
function withRoles(jobs: readonly Job[], resetRole: string): readonly string[] {
  let role: string | undefined;
  const all = jobs.flatMap(job => {
    const change = job.setRole === role ? [] : [job.setRole ?? resetRole];
    role = job.setRole;
    return [...change, job.statement];
  });
  return role === undefined ? all : [...all, resetRole];
}

async function factsOf(
  {io}: ActionContext,
  allowed: readonly TableInfo[],
  denied: readonly TableInfo[],
  jobs: readonly Job[],
): Promise<readonly Fact[]> {
  const vacuums = jobs.some(j => j.vacuums);
  const roles = [...new Set(jobs.flatMap(j => (j.setRole ? [j.table.runs_as] : [])))];
  return [
    ...tableFacts(allowed),
    ...(denied.length > 0
      ? [
          fact(
            'left out',
            `${plural(denied.length, 'table')}: ${denied.slice(0, MAX_NAMED).map(deniedWords).join('; ')}${
              denied.length > MAX_NAMED ? `; and ${count(denied.length - MAX_NAMED)} more` : ''
            }`,
            true,
          ),
        ]
      : []),
    fact('lock', 'ShareUpdateExclusive: reads and writes continue'),
    await holderFact(io, allowed),
    ...(vacuums ? [await horizonFact(io)] : []),
    ...(roles.length > 0 ? [fact('runs as', roles.join(', '))] : []),
  ];
}

const deniedWords = (t: TableInfo): string => `${nameOf(t)} (${t.denied})`;

function refusalOf(
  major: number,
  target: Target,
  tables: readonly TableInfo[],
  allowed: readonly TableInfo[],
  verb: string,
): string | undefined {
  const [first] = tables;
  if (!first) {
    if (target.kind === 'database') return 'This database has no tables.';
    const name = targetName(target, '');
    return target.kind === 'schema'
      ? `There is no table in schema ${name}.`
      : `There is no table ${name}, or it has no partition yet.`;
  }
  if (allowed.length > 0) return undefined;
  const what = tables.length === 1 ? nameOf(first) : 'any of the tables';
  const fix = !first.schema_usage
    ? `Run GRANT USAGE ON SCHEMA ${target.kind === 'database' ? '…' : first.schema} TO …;`
    : major >= 17
      ? `Run GRANT MAINTAIN ON ${tables.length === 1 ? nameOf(first) : 'ALL TABLES IN SCHEMA …'} TO …;`
      : first.owner === 'tradetop_owner'
        ? `Below PostgreSQL 17 only an owner may. To let tradetop_operator become it: tradetop setup --operator-may-vacuum`
        : `Connect as ${first.owner} or as a member of that role.`;
  return sanitise(`This role may not ${verb} ${what}: ${first.denied}. ${fix}`);
}

/** How many of a run's tables were processed since it began, by their counters. */
export async function foundTables(io: Io, {target, database, at}: LostRun): Promise<string> {
  const tables = await listTables(io, await findTarget(io, target, {database, kinds: ['database', 'schema', 'table']}));
  const began = parseMicros(at) ?? 0;
  const since = (pick: (t: TableInfo) => string | null): string =>
    count(tables.filter(t => (parseMicros(pick(t) ?? '') ?? 0) >= began).length);
  const [vacuumed, analyzed] = [since(t => t.last_vacuum), since(t => t.last_analyze)];
  return `of ${plural(tables.length, 'table')} ${vacuumed} vacuumed and ${analyzed} analysed since it began`;
}
