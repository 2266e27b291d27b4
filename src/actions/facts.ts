import {sanitise} from '../core/sanitise.ts';
import type {Io, Raw} from '../io/io.ts';
import type {Fact} from './action.ts';
import type {TableInfo} from './tables.ts';
import {ago, bytes, plural, sessionWords, span, wholeCount} from './words.ts';

/** Longer than this, a snapshot is worth a warning before a VACUUM. */
const OLD_SNAPSHOT_SECONDS = 60;

export const fact = (label: string, value: string, warn = false): Fact => ({
  label,
  value: sanitise(value),
  ...(warn ? {warn} : {}),
});

/** Size, rows and last runs of the tables that would be worked on. */
export function tableFacts(tables: readonly TableInfo[]): readonly Fact[] {
  const sum = (pick: (t: TableInfo) => number): number => tables.reduce((n, t) => n + pick(t), 0);
  const unmeasured = tables.filter(t => t.bytes === null && t.kind === 'plain').length;
  const live = sum(t => (t.kind === 'plain' ? t.live_rows : 0));
  const dead = sum(t => (t.kind === 'plain' ? t.dead_rows : 0));
  const share = live + dead > 0 ? ` (${((100 * dead) / (live + dead)).toFixed(1)} %)` : '';
  const size = unmeasured === tables.length ? 'n/a' : bytes(sum(t => t.bytes ?? 0));
  const only = tables.length === 1 ? tables[0] : undefined;
  const oldest = (pick: (t: TableInfo) => string | null): string =>
    only ? ago(pick(only)) : `oldest ${ago(tables.map(pick).sort((a, b) => (a ?? '').localeCompare(b ?? ''))[0])}`;
  return [
    ...(only ? [] : [fact('tables', wholeCount(tables.length))]),
    fact('size', unmeasured > 0 ? `${size}, ${plural(unmeasured, 'table')} held exclusively` : size, unmeasured > 0),
    fact('dead rows', `${wholeCount(dead)} of ${wholeCount(live + dead)}${share}`),
    fact(
      'last vacuum',
      oldest(t => t.last_vacuum),
    ),
    fact(
      'last analyze',
      oldest(t => t.last_analyze),
    ),
  ];
}

/** Who holds locks that the work would wait for. */
export async function holderFact(io: Io, tables: readonly TableInfo[]): Promise<Fact> {
  const rows = await holders(io, tables, 0);
  return rows.length === 0 ? fact('held up by', 'no one') : fact('held up by', rows.map(sessionWords).join('; '), true);
}

/** Sessions with locks that maintenance of these tables waits for; `pid` is our own. */
export const holders = (io: Io, tables: readonly TableInfo[], pid: number): Promise<readonly Raw[]> =>
  io.query('actions/holders', [tables.map(t => t.oid), pid]);

/** `pid 4121 (svc_analytics, idle in transaction) for 2h05m`, or the slot or prepared transaction. */
export const horizonWords = (row: Raw): string =>
  row.kind === 'session'
    ? sessionWords({pid: row.pid ?? '', application: row.label ?? '', seconds: row.seconds ?? ''})
    : sanitise(`${row.kind} ${row.label}${typeof row.seconds === 'number' ? ` for ${span(row.seconds)}` : ''}`);

/** The oldest snapshot: dead rows younger than it stay whatever VACUUM does. */
export async function horizonFact(io: Io): Promise<Fact> {
  const [row] = await io.query('actions/horizon', [0]);
  if (!row) return fact('oldest snapshot', 'none');
  const old = typeof row.seconds === 'number' && row.seconds > OLD_SNAPSHOT_SECONDS;
  return fact(
    'oldest snapshot',
    `${horizonWords(row)}, ${plural(Number(row.xids), 'transaction')} back`,
    old || row.kind !== 'session',
  );
}

/** Open positions and the last trade. None where the desk's tables are not there or not ours to read. */
export async function deskFacts(io: Io): Promise<readonly Fact[]> {
  try {
    const [row] = await io.query('actions/desk', []);
    if (!row) return [];
    const since = row.seconds_since_trade;
    const trade = typeof since === 'number' ? `, last trade ${span(Math.max(0, since))} ago` : ', no trades';
    return [fact('desk', `${plural(Number(row.open_positions), 'open position')}${trade}`)];
  } catch {
    return [];
  }
}
