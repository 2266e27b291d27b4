import {ageAt, bytes, count} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {nowMicros, parseMicros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import type {Action, ActionContext, Prepared, Result} from './action.ts';
import {fact} from './facts.ts';
import type {Fact} from './plan.ts';
import {refused} from './refused.ts';
import type {Session} from './session.ts';
import {shown, withValues} from './statements.ts';
import type {Target} from './target.ts';

/** Drops a replication slot that nobody reads, so that its WAL can go. What its reader had not read is lost to it. */
export const dropSlotAction: Action = {
  id: 'drop-slot',
  title: 'Drop replication slot',
  key: '',
  danger: 'destroys',
  help: 'Drops a replication slot that nobody reads; its reader must begin anew, and the WAL kept for it goes.',
  targets: ['slot'],
  readTarget: name => ({kind: 'slot', name}),
  orphan: 'ends',
  prepare,
};

async function prepare({io, sql}: ActionContext, target: Target): Promise<Prepared> {
  if (target.kind !== 'slot') throw new Error('not a slot');
  const {name} = target;
  const [slot] = await io.query('actions/slot', [name]);
  if (!slot) return refused(`There is no replication slot ${sanitise(name, 100)}.`);
  const statement = sql.statement('actions/drop_slot', io.pgVersion());
  return {
    facts: slotFacts(slot),
    sql: [withValues(shown(statement), name)],
    refusal: refusalOf(slot),
    typed: true,
    execute: session => drop(session, statement, name),
  };
}

function slotFacts({type, plugin, database, active, kept_bytes, wal_status, xmin_age, inactive_since, name}: Raw) {
  const since = typeof inactive_since === 'string' ? parseMicros(inactive_since) : undefined;
  const facts: readonly Fact[] = [
    fact('kind', [type, plugin, database].filter(word => word !== null).join(', ')),
    fact('read by', active ? 'a session' : `nobody${since === undefined ? '' : ` for ${ageAt(since, nowMicros())}`}`),
    fact('WAL kept', `${kept_bytes === null ? 'none' : bytes(Number(kept_bytes))} (${wal_status ?? 'n/a'})`),
    fact(
      'holds back',
      xmin_age === null ? 'no row versions' : `the xmin horizon, ${count(Number(xmin_age))} transactions`,
    ),
  ];
  const own = String(name).startsWith('tradetop_');
  return own
    ? [...facts, fact('owner', 'the synchroniser: without its slot it must look for what it missed', true)]
    : facts;
}

function refusalOf({active, active_pid, may, me, name}: Raw): string | undefined {
  if (active) return `Replication slot ${name} is being read by pid ${active_pid}: end its reader first.`;
  return may ? undefined : `This role may not drop replication slots. Run ALTER ROLE ${me} REPLICATION;`;
}

async function drop(session: Session, statement: string, name: string): Promise<Result> {
  const position = {step: 1, steps: 1, current: sanitise(name)};
  const ended = await session.run(statement, position, [name]);
  const left = await session.io.query('actions/slot', [name]).catch(() => undefined);
  const rows = undefined;
  if (left?.length === 0) return {outcome: 'done', rows, summary: `Replication slot ${sanitise(name)} is dropped.`};
  const why = ended.ok ? 'it is still there' : sanitise(ended.failure.message);
  const outcome = !ended.ok && ended.how === 'cancelled' ? 'cancelled' : 'failed';
  return {outcome, rows, summary: `Replication slot ${sanitise(name)} was not dropped: ${why}.`};
}
