import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoOf} from '../core/time.ts';
import type {Io, Raw} from '../io/io.ts';
import {OptimisticLockError, updateStatement, updateWithVersion} from '../io/locking.ts';
import {readStatement} from '../io/sql.ts';
import {beginStatement, COMMIT, UnknownOutcomeError, withTransaction} from '../io/transaction.ts';
import type {Action, ActionContext, LostRun, Prepared, Result} from './action.ts';
import type {Basis, EditOptions, Fact, RowChange} from './plan.ts';
import type {Session} from './session.ts';
import {sessionPool} from './session-pool.ts';
import {shown} from './statements.ts';
import type {Target} from './target.ts';
import type {Telling} from './tell-services.ts';
import {lockLimit} from './words.ts';

/** What is to be written to one row. */
export type RowEdit = {
  /** Columns and their new values. */
  readonly set: Readonly<Record<string, string | boolean | null>>;
  /** For a new row: the statement that inserts it, and its parameters. */
  readonly insert?: {readonly statement: string; readonly params: readonly unknown[]};
};

/** A kind of row that operators edit, each by its version. */
export type EditSpec = Pick<Action, 'id' | 'title' | 'help'> &
  Partial<Pick<Action, 'key' | 'targets' | 'readTarget'>> & {
    readonly schema: string;
    readonly name: string;
    /** The column of the keys. */
    readonly idColumn: string;
    /** The statement that reads rows by their keys ($1), with `key`, `version`, `updated_by` and `updated_at`. */
    readonly read: string;
    /** The column of actions/may_edit that says whether this user may. */
    readonly right:
      | 'config'
      | 'limits'
      | 'new_limits'
      | 'position_limits'
      | 'new_position_limits'
      | 'events'
      | 'alerts'
      | 'strategies';
    /** What a key names: `setting trading.enabled`. */
    readonly label: (key: string) => string;
    /** What is to be written, or why it cannot be, in a sentence. No row: the key does not exist. */
    readonly edit: (key: string, row: Raw | undefined, options: EditOptions, who: string) => RowEdit | string;
    /** The row's state in a few words: `true`. */
    readonly state: (row: Raw) => string;
    readonly facts: (key: string, row: Raw | undefined, edit: RowEdit) => readonly Fact[];
    /** What is done once a row is committed; a failure of it is told, and takes nothing back. Default: nothing. */
    readonly committed?: (context: ActionContext, key: string, row: Raw) => Promise<Telling>;
  };

type Step = {readonly key: string; readonly row: Raw | undefined; readonly edit: RowEdit};

/**
 * Makes an action of it. A run writes only to rows that still have the version that its plan was made from, each in a
 * transaction of its own; a row that somebody else changed meanwhile is left as it is and reported.
 */
export const defineEdit = (spec: EditSpec): Action => ({
  id: spec.id,
  title: spec.title,
  key: spec.key ?? '',
  danger: 'locks',
  help: spec.help,
  targets: spec.targets ?? ['rows'],
  ...(spec.readTarget ? {readTarget: spec.readTarget} : {}),
  orphan: 'ends',
  found: (io, run) => foundRows(spec, io, run),
  prepare: (context, target) => prepare(spec, context, target),
});

/** The rows of these keys; without keys, those that an operator may want to edit. */
export const readRows = (io: Io, {read}: Pick<EditSpec, 'read'>, keys?: readonly string[]): Promise<readonly Raw[]> =>
  io.query(read, [keys ?? null]);

async function prepare(spec: EditSpec, context: ActionContext, target: Target): Promise<Prepared> {
  const keys = target.kind === 'rows' ? target.keys : target.kind === 'strategy' ? [target.name] : [];
  const {io, options, operator} = context;
  const basis = context.basis ?? byKey(await readRows(io, spec, keys));
  const [may] = await io.query('actions/may_edit');
  const who = sanitise(`${operator.osUser} from ${operator.client}`, 100);
  const steps: Step[] = [];
  let refusal = may?.[spec.right]
    ? undefined
    : `This user may not edit ${spec.schema}.${spec.name}: connect as tradetop_operator.`;
  for (const key of keys) {
    const row = basis.get(key);
    const edit = spec.edit(key, row, options.edit ?? {}, who);
    if (typeof edit === 'string') refusal ??= edit;
    else steps.push({key, row, edit});
  }
  return {
    facts: steps.flatMap(({key, row, edit}) => spec.facts(key, row, edit)),
    sql: [beginStatement(), ...new Set(steps.map(step => shown(statementOf(spec, step)))), COMMIT],
    refusal,
    changes: steps.map(({key, row, edit}) => ({key, before: before(row, edit), after: {...edit.set}})),
    basis,
    execute: session => editAll(spec, context, session, steps),
  };
}

/** Whether the rows that a run was about to write have changed since. */
async function foundRows(spec: EditSpec, io: Io, {changes}: LostRun): Promise<string> {
  const rows = byKey(
    await readRows(
      io,
      spec,
      changes.map(({key}) => key),
    ),
  );
  const words = changes.map(({key, before}) => {
    const row = rows.get(key);
    if (row === undefined) return `${spec.label(key)} is not there`;
    const isOld = before !== null && row.version === before.version;
    return `${spec.label(key)} ${isOld ? 'was not written' : 'has changed'}: ${spec.state(row)} (version ${row.version})`;
  });
  return words.join('; ');
}

const byKey = (rows: readonly Raw[]): Basis => new Map(rows.map(row => [String(row.key), row]));

const statementOf = ({schema, name, idColumn}: EditSpec, {edit: {set, insert}}: Step): string =>
  insert ? readStatement(insert.statement) : updateStatement({table: `${schema}.${name}`, idColumn, set});

const before = (row: Raw | undefined, {set}: RowEdit): Raw | null =>
  row ? picked(row, [...Object.keys(set), 'version']) : null;
const picked = (row: Readonly<Record<string, unknown>>, columns: readonly string[]): Raw =>
  Object.fromEntries(columns.map(column => [column, (row[column] ?? null) as Raw[string]]));

type EditEnd =
  /** `untold`: written, but what is done after the commit failed. */
  | {readonly how: 'done'; readonly change: RowChange; readonly text: string; readonly untold?: boolean}
  | {readonly how: 'failed' | 'cancelled'; readonly text: string};

async function editAll(
  spec: EditSpec,
  context: ActionContext,
  session: Session,
  steps: readonly Step[],
): Promise<Result> {
  const ends: EditEnd[] = [];
  for (const step of steps) {
    ends.push(await editOne(spec, context, session, step));
    if (ends.at(-1)?.how === 'cancelled') break;
  }
  const changes = ends.flatMap(e => (e.how === 'done' ? [e.change] : []));
  const isWhole = changes.length === steps.length && !ends.some(e => e.how === 'done' && e.untold === true);
  const outcome = isWhole ? 'done' : changes.length > 0 ? 'partial' : (ends.at(-1)?.how ?? 'failed');
  return {outcome, rows: changes.length, changes, summary: ends.map(e => e.text).join(' ')};
}

async function editOne(spec: EditSpec, context: ActionContext, session: Session, step: Step): Promise<EditEnd> {
  const {key, row, edit} = step;
  try {
    const now = await withTransaction(sessionPool(session), {}, ({client}) => write(spec, step, client));
    const change = {key, before: before(row, edit), after: picked(now, [...Object.keys(edit.set), 'version'])};
    const states = `${row ? `${spec.state(row)} → ` : ''}${spec.state(now)}`;
    const told = await spec.committed?.(context, key, now);
    const after = told === undefined ? '' : `; ${told.words}`;
    const text = `${capital(spec.label(key))}: ${states}, version ${now.version}${after}.`;
    return {how: 'done', change, text, untold: told?.ok === false};
  } catch (error) {
    return failedEdit(spec, session, step, error);
  }
}

async function failedEdit(spec: EditSpec, session: Session, step: Step, error: unknown): Promise<EditEnd> {
  const name = spec.label(step.key);
  const {message, sqlstate, why} = failureOf(error);
  if (error instanceof OptimisticLockError || (step.row === undefined && sqlstate === '23505')) {
    return {how: 'failed', text: await changedMeanwhile(spec, session, step)};
  }
  if (sqlstate === '57014') return {how: 'cancelled', text: `Cancelled: ${name} was not changed.`};
  if (error instanceof UnknownOutcomeError) return {how: 'failed', text: `${capital(name)}: ${message}.`};
  if (sqlstate === '55P03') {
    const text = `Could not lock ${name} within ${lockLimit(session.lockMs)}, since another session has it locked. Nothing was written; try again.`;
    return {how: 'failed', text};
  }
  if (sqlstate === undefined && why === 'bug') throw error;
  return {how: 'failed', text: `${capital(name)} was not changed: ${sanitise(message)}.`};
}

type Written = Readonly<Record<string, unknown>> & Raw;

async function write(spec: EditSpec, {key, row, edit: {set, insert}}: Step, client: Writer): Promise<Written> {
  if (insert) return (await client.query(readStatement(insert.statement), [...insert.params])).rows[0] as Written;
  const {schema, name, idColumn} = spec;
  const update = {table: `${schema}.${name}`, id: key, idColumn, version: Number(row?.version), set};
  return (await updateWithVersion(client, update)) as Written;
}

type Writer = Parameters<typeof updateWithVersion>[0];

/** What the row is now, and who changed it: what the operator must look at before deciding again. */
async function changedMeanwhile(spec: EditSpec, {io}: Session, {key, row}: Step): Promise<string> {
  const name = capital(spec.label(key));
  const [now] = await readRows(io, spec, [key]).catch(() => []);
  if (!now && !row) return `${name} exists already: change that one. Nothing was written.`;
  if (!now) return `${name} was changed or deleted meanwhile. Nothing was written.`;
  const at = isoOf(now.updated_at);
  const by = `by ${now.updated_by ?? 'an unknown user'}${at === undefined ? '' : ` at ${at}`}`;
  const saw = row ? `${spec.state(row)} (version ${row.version})` : 'none';
  return sanitise(
    `${name} was changed meanwhile, ${by}: it is ${spec.state(now)} (version ${now.version}), and you saw ${saw}. Nothing was written.`,
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
