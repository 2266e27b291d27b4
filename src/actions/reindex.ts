import {bytes, plural} from '../core/format.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Action, ActionContext, Prepared} from './action.ts';
import {fact, holderFact, horizonFact} from './facts.ts';
import {findTarget} from './find-target.ts';
import {buildDenied, dropDenied, type IndexInfo, listIndexes} from './indexes.ts';
import {refused} from './refused.ts';
import {type IndexJob, reindexAll} from './reindex-work.ts';
import {shown, withValues} from './statements.ts';
import type {Target} from './target.ts';
import {quoted, targetName} from './target.ts';

const MAX_NAMED = 3;

/**
 * REINDEX INDEX CONCURRENTLY of an index, or of all indexes of a table, a schema or the database, one statement an index, so
 * that each can be watched, judged and cancelled. Invalid copies that an earlier attempt left are dropped first, those of
 * this run at its end. When our process dies, the statement ends with it, and the next run drops what it left.
 */
export const reindexAction: Action = {
  id: 'reindex',
  title: 'REINDEX CONCURRENTLY',
  key: 'R',
  danger: 'locks',
  help: 'Builds indexes anew, one by one, and drops the invalid ones that a failed attempt left; reads and writes continue.',
  targets: ['index', 'table', 'schema', 'database'],
  orphan: 'ends',
  found: async (io, {target, database}) => {
    const kinds = ['index', 'table', 'schema', 'database'] as const;
    const indexes = await listIndexes(io, await findTarget(io, target, {database, kinds}));
    const left = indexes.filter(index => index.leftover);
    return left.length === 0
      ? 'no copy is left over'
      : `left over, which the next run drops: ${named(left.map(nameOf))}`;
  },
  prepare,
};

async function prepare(context: ActionContext, target: Target): Promise<Prepared> {
  const {io} = context;
  const indexes = await listIndexes(io, target);
  if (indexes.length === 0) return refused(noneOf(target));
  const jobs = [...indexes.filter(i => i.leftover), ...indexes.filter(i => !i.leftover)].flatMap(index =>
    jobOf(context, index),
  );
  const denied = indexes.flatMap(index => {
    const why = index.leftover ? dropDenied(index) : buildDenied(index, io.pgVersion());
    return why === undefined ? [] : [{index, why}];
  });
  const built = jobs.filter(job => job.kind === 'build');
  const largest = Math.max(0, ...built.map(job => job.index.bytes));
  const tables = [...new Set(indexes.map(index => index.table_oid))].map(oid => ({oid}));
  return {
    facts: [
      fact('indexes', `${plural(built.length, 'index', 'indexes')}, ${bytes(sum(built.map(job => job.index)))}`),
      ...namedFact(
        'invalid',
        indexes.filter(index => !index.valid && !index.leftover),
      ),
      ...namedFact(
        'left over, to drop',
        jobs.filter(job => job.kind === 'drop').map(job => job.index),
      ),
      ...(denied.length === 0 ? [] : [leftOut(denied)]),
      fact('disk', `needs about ${bytes(largest)} more while it builds`),
      fact('lock', 'ShareUpdateExclusive: reads and writes continue; it waits for older transactions to end'),
      await holderFact(io, tables),
      await horizonFact(io),
    ],
    sql: jobs.flatMap(job => [...(job.setRole === undefined ? [] : [job.setRole]), ...job.shown]).map(shown),
    refusal: jobs.length > 0 ? undefined : refusalOf(denied, io.pgVersion()),
    execute: session => reindexAll(session, context, jobs, denied),
  };
}

const sum = (indexes: readonly IndexInfo[]): number => indexes.reduce((n, index) => n + index.bytes, 0);

const nameOf = ({schema, name}: IndexInfo): SafeText => targetName({kind: 'index', schema, name}, '');

function jobOf({io, sql}: ActionContext, index: IndexInfo): readonly IndexJob[] {
  const names = {schema: index.schema, index: index.name};
  const as = (role: string | null) => (role ? sql.statement('actions/set_role', io.pgVersion(), {role}) : undefined);
  const name = nameOf(index);
  if (!index.leftover) {
    if (buildDenied(index, io.pgVersion()) !== undefined) return [];
    const statement = sql.statement('actions/reindex', io.pgVersion(), names);
    return [{kind: 'build', index, name, setRole: as(index.runs_as), statement, params: [], shown: [statement]}];
  }
  if (index.drops_as !== null) {
    const statement = sql.statement('actions/drop_index', io.pgVersion(), names);
    return [{kind: 'drop', index, name, setRole: as(index.drops_as), statement, params: [], shown: [statement]}];
  }
  if (!index.lends) return [];
  const statement = sql.statement('actions/drop_leftover_index', io.pgVersion());
  const params = [quoted(index.schema, index.name)];
  return [
    {kind: 'drop', index, name, setRole: undefined, statement, params, shown: [withValues(statement, ...params)]},
  ];
}

const named = (words: readonly string[]): string =>
  `${words.slice(0, MAX_NAMED).join('; ')}${words.length > MAX_NAMED ? `; and ${words.length - MAX_NAMED} more` : ''}`;

const namedFact = (label: string, indexes: readonly IndexInfo[]) =>
  indexes.length === 0 ? [] : [fact(label, named(indexes.map(nameOf)), true)];

type Denied = {readonly index: IndexInfo; readonly why: string};

const leftOut = (denied: readonly Denied[]) =>
  fact('left out', named(denied.map(({index, why}) => `${nameOf(index)} (${why})`)), true);

function noneOf(target: Target): string {
  if (target.kind === 'database') return 'This database has no indexes.';
  const name = targetName(target, '');
  return target.kind === 'index' ? `There is no index ${name}.` : `There is no index of ${name}.`;
}

function refusalOf(denied: readonly Denied[], major: number): string {
  const [first] = denied;
  if (first === undefined) return 'There is nothing to do.';
  const {index, why} = first;
  if (index.unbuildable) return sanitise(`${nameOf(index)}: ${why}. Run REINDEX INDEX in a window.`);
  const fix = index.leftover
    ? `Connect as ${index.owner} and run DROP INDEX CONCURRENTLY ${quoted(index.schema, index.name)};`
    : !index.schema_usage
      ? `Run GRANT USAGE ON SCHEMA ${index.schema} TO …;`
      : major >= 17
        ? `Run GRANT MAINTAIN ON ${index.table} TO …;`
        : index.owner === 'tradetop_owner'
          ? 'Below PostgreSQL 17 only an owner may. To let tradetop_operator become it: tradetop setup --operator-may-vacuum'
          : `Connect as ${index.owner} or as a member of that role.`;
  return sanitise(`This role may not reindex ${nameOf(index)}: ${why}. ${fix}`);
}
