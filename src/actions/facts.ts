import {age, ageAt, bytes, count, percent, plural} from '../core/format.ts';
import {openSince, parseMarketHours} from '../core/market-hours.ts';
import {sanitise} from '../core/sanitise.ts';
import {type Micros, nowMicros} from '../core/time.ts';
import type {Io, Raw} from '../io/io.ts';
import type {Fact} from './plan.ts';
import type {TableInfo} from './tables.ts';
import {ago, sessionWords} from './words.ts';

/** From this age on, a snapshot is worth a warning before a VACUUM. */
const OLD_SNAPSHOT_SECONDS = 60;

/** A line of the dialog from text of any origin. */
export const fact = (label: string, value: string, warn = false): Fact => ({
  label,
  value: sanitise(value),
  ...(warn ? {warn} : {}),
});

/** Size, dead rows and last runs of the tables that would be processed. */
export function tableFacts(tables: readonly TableInfo[]): readonly Fact[] {
  const sum = (pick: (t: TableInfo) => number): number => tables.reduce((n, t) => n + pick(t), 0);
  const unmeasured = tables.filter(t => t.bytes === null && t.kind === 'plain').length;
  const live = sum(t => (t.kind === 'plain' ? t.live_rows : 0));
  const dead = sum(t => (t.kind === 'plain' ? t.dead_rows : 0));
  const share = live + dead > 0 ? ` (${percent((100 * dead) / (live + dead))})` : '';
  const size = unmeasured === tables.length ? 'n/a' : bytes(sum(t => t.bytes ?? 0));
  const only = tables.length === 1 ? tables[0] : undefined;
  const oldest = (pick: (t: TableInfo) => string | null): string =>
    only ? ago(pick(only)) : `oldest ${ago(tables.map(pick).sort((a, b) => (a ?? '').localeCompare(b ?? ''))[0])}`;
  return [
    ...(only ? [] : [fact('tables', count(tables.length))]),
    fact(
      'size',
      unmeasured > 0 ? `${size} without ${plural(unmeasured, 'table')} under AccessExclusive lock` : size,
      unmeasured > 0,
    ),
    fact('dead rows', `${count(dead)} of ${count(live + dead)}${share}`),
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

/** The sessions whose locks the work would wait for. */
export async function holderFact(io: Io, tables: readonly Pick<TableInfo, 'oid'>[]): Promise<Fact> {
  const rows = await holders(io, tables, 0);
  return rows.length === 0 ? fact('blocked by', 'nobody') : fact('blocked by', rows.map(sessionWords).join('; '), true);
}

/** Sessions with locks that block maintenance of these tables, but the one of `pid`, which is our own. */
export const holders = (io: Io, tables: readonly Pick<TableInfo, 'oid'>[], pid: number): Promise<readonly Raw[]> =>
  io.query('actions/holders', [tables.map(t => t.oid), pid]);

/** A row of actions/horizon: `pid 4121 (svc_analytics, idle in transaction) for 2h5m`, a slot or a prepared transaction. */
export const horizonWords = (row: Raw): string =>
  row.kind === 'session'
    ? sessionWords({pid: row.pid ?? '', application: row.label ?? '', seconds: row.seconds ?? ''})
    : sanitise(`${row.kind} ${row.label}${typeof row.seconds === 'number' ? ` for ${age(row.seconds)}` : ''}`);

/** The oldest snapshot: VACUUM cannot remove rows that died after it was taken. */
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

/** The market's state, open positions and the last trade; nothing where this role cannot read the desk's tables. */
export async function deskFacts(io: Io): Promise<readonly Fact[]> {
  try {
    const [row] = await io.query('actions/desk', []);
    if (!row) return [];
    const since = row.seconds_since_trade;
    const trade = typeof since === 'number' ? `, last trade ${age(Math.max(0, since))} ago` : ', no trades';
    const positions = plural(Number(row.open_positions), 'open position');
    return [fact('desk', `${positions}${trade}; ${marketWords(row.sessions)}`)];
  } catch {
    return [];
  }
}

/** Whether the market is open by the setting `market.sessions`, as JSON. @internal */
export function marketWords(sessions: Raw[string] | undefined, now: Micros = nowMicros()): string {
  if (typeof sessions !== 'string') return 'market.sessions is not set';
  const hours = parseMarketHours(JSON.parse(sessions));
  if (typeof hours === 'string') return `market.sessions is wrong: ${hours}`;
  const since = openSince(hours, now);
  return since === undefined ? 'market closed' : `market open for ${ageAt(since, now)}`;
}
