import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoOf} from '../core/time.ts';
import type {Io, Raw} from '../io/io.ts';
import {OptimisticLockError, updateStatement, updateWithVersion} from '../io/locking.ts';
import {readStatement} from '../io/sql.ts';
import {beginStatement, UnknownOutcomeError, withTransaction} from '../io/transaction.ts';
import type {Action, ActionContext, Basis, EditOptions, Fact, Prepared, Result, RowChange, Target} from './action.ts';
import type {Session} from './session.ts';
import {sessionPool} from './session-pool.ts';
import {shown} from './statements.ts';

/** What is to be written of one row: columns and their new values, as text. */
export type Wanted = {
  readonly set: Readonly<Record<string, string | boolean | null>>;
  /** For a row that is not there: the statement that makes it, and its parameters. */
  readonly make?: {readonly statement: string; readonly params: readonly unknown[]};
};

/** A kind of row that operators edit by hand, each by its version. */
export type Editing = Pick<Action, 'id' | 'title' | 'help'> & {
  readonly schema: string;
  readonly name: string;
  /** The column that the keys are of. */
  readonly idColumn: string;
  /** The statement that reads rows by their keys ($1), with `key`, `version`, `updated_by` and `updated_at`. */
  readonly read: string;
  /** The column of actions/may_edit that says whether this user may. */
  readonly right: 'config' | 'limits' | 'events';
  /** What a key names: `setting trading.enabled`. */
  readonly named: (key: string) => string;
  /** What is to be written, or a sentence that says why it cannot be. No row: there is none of that key. */
  readonly wanted: (key: string, row: Raw | undefined, edit: EditOptions, who: string) => Wanted | string;
  /** The row's state in a few words: `true`. */
  readonly state: (row: Raw) => string;
  readonly facts: (key: string, row: Raw | undefined, wanted: Wanted) => readonly Fact[];
};

type Step = {readonly key: string; readonly row: Raw | undefined; readonly wanted: Wanted};

/**
 * Makes an action of it. A run writes only to rows that still have the version that its plan was read from, each in a
 * transaction of its own; what somebody else has changed meanwhile is left alone and told.
 */
export const defineEdit = (editing: Editing): Action => ({
  id: editing.id,
  title: editing.title,
  key: '',
  danger: 'locks',
  help: editing.help,
  targets: ['rows'],
  sql: ['locking/update_with_version'],
  orphan: 'ends',
  prepare: (asking, target) => prepare(editing, asking, target),
});

/** The rows of some keys as they are now; without keys, those that an operator may want to edit. */
export const readRows = (io: Io, {read}: Pick<Editing, 'read'>, keys?: readonly string[]): Promise<readonly Raw[]> =>
  io.query(read, [keys ?? null]);

async function prepare(editing: Editing, asking: ActionContext, target: Target): Promise<Prepared> {
  if (target.kind !== 'rows') throw new Error('not rows');
  const {io, options, operator} = asking;
  const basis = asking.basis ?? byKey(await readRows(io, editing, target.keys));
  const [may] = await io.query('actions/may_edit');
  const who = sanitise(`${operator.osUser} from ${operator.client}`, 100);
  const steps: Step[] = [];
  let refusal = may?.[editing.right]
    ? undefined
    : `This user may not edit ${editing.schema}.${editing.name}: connect as tradetop_operator.`;
  for (const key of target.keys) {
    const row = basis.get(key);
    const wanted = editing.wanted(key, row, options.edit ?? {}, who);
    if (typeof wanted === 'string') refusal ??= wanted;
    else steps.push({key, row, wanted});
  }
  return {
    facts: steps.flatMap(({key, row, wanted}) => editing.facts(key, row, wanted)),
    sql: [beginStatement(), ...new Set(steps.map(step => shown(statementOf(editing, step)))), 'COMMIT'],
    refusal,
    changes: steps.map(({key, row, wanted}) => ({key, before: before(row, wanted), after: texts(wanted.set)})),
    basis,
    execute: session => editAll(editing, session, steps),
  };
}

const byKey = (rows: readonly Raw[]): Basis => new Map(rows.map(row => [String(row.key), row]));

const statementOf = ({schema, name, idColumn}: Editing, {wanted: {set, make}}: Step): string =>
  make ? readStatement(make.statement) : updateStatement({table: `${schema}.${name}`, idColumn, set});

const before = (row: Raw | undefined, {set}: Wanted): Raw | null =>
  row ? picked(row, [...Object.keys(set), 'version']) : null;
const texts = (set: Wanted['set']): Raw => ({...set});
const picked = (row: Readonly<Record<string, unknown>>, columns: readonly string[]): Raw =>
  Object.fromEntries(columns.map(column => [column, (row[column] ?? null) as Raw[string]]));

type Ended =
  | {readonly how: 'done'; readonly change: RowChange; readonly said: string}
  | {readonly how: 'failed' | 'cancelled'; readonly said: string};

async function editAll(editing: Editing, session: Session, steps: readonly Step[]): Promise<Result> {
  const ended: Ended[] = [];
  for (const step of steps) {
    ended.push(await editOne(editing, session, step));
    if (ended.at(-1)?.how === 'cancelled') break;
  }
  const changes = ended.flatMap(e => (e.how === 'done' ? [e.change] : []));
  const outcome =
    changes.length === steps.length ? 'done' : changes.length > 0 ? 'partial' : (ended.at(-1)?.how ?? 'failed');
  return {outcome, rows: changes.length, changes, summary: ended.map(e => e.said).join(' ')};
}

async function editOne(editing: Editing, session: Session, step: Step): Promise<Ended> {
  const {key, row, wanted} = step;
  const name = editing.named(key);
  try {
    const now = await withTransaction(sessionPool(session), {}, ({client}) => write(editing, step, client));
    const change = {key, before: before(row, wanted), after: picked(now, [...Object.keys(wanted.set), 'version'])};
    const said = `${capital(name)}: ${row ? `${editing.state(row)} → ` : ''}${editing.state(now)}, version ${now.version}.`;
    return {how: 'done', change, said};
  } catch (error) {
    const {message, sqlstate, why} = failureOf(error);
    if (error instanceof OptimisticLockError || (row === undefined && sqlstate === '23505')) {
      return {how: 'failed', said: await changedMeanwhile(editing, session, step)};
    }
    if (sqlstate === '57014') return {how: 'cancelled', said: `Cancelled: ${name} was left as it was.`};
    if (error instanceof UnknownOutcomeError) return {how: 'failed', said: `${capital(name)}: ${message}.`};
    if (sqlstate === '55P03') {
      return {how: 'failed', said: `Another session holds ${name}: nothing was written. Try again in a moment.`};
    }
    if (sqlstate === undefined && why === 'bug') throw error;
    return {how: 'failed', said: `${capital(name)} was left as it was: ${sanitise(message)}.`};
  }
}

type Written = Readonly<Record<string, unknown>> & Raw;

async function write(editing: Editing, {key, row, wanted: {set, make}}: Step, client: Writer): Promise<Written> {
  if (make) return (await client.query(readStatement(make.statement), [...make.params])).rows[0] as Written;
  const {schema, name, idColumn} = editing;
  const update = {table: `${schema}.${name}`, id: key, idColumn, version: Number(row?.version), set};
  return (await updateWithVersion(client, update)) as Written;
}

type Writer = Parameters<typeof updateWithVersion>[0];

/** The row as it is now, and by whom: what the operator must look at before deciding again. */
async function changedMeanwhile(editing: Editing, {io}: Session, {key, row}: Step): Promise<string> {
  const name = capital(editing.named(key));
  const [now] = await readRows(io, editing, [key]).catch(() => []);
  if (!now) return `${name} was changed or taken away meanwhile. Nothing was written.`;
  const at = isoOf(now.updated_at);
  const by = `by ${now.updated_by ?? 'an unknown hand'}${at === undefined ? '' : ` at ${at}`}`;
  const saw = row ? `${editing.state(row)} (version ${row.version})` : 'none';
  return sanitise(
    `${name} was changed meanwhile, ${by}: it is ${editing.state(now)} (version ${now.version}), and you saw ${saw}. Nothing was written.`,
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
