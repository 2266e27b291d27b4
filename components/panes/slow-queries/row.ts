import {count, duration} from '../../../src/core/format.ts';
import {withoutComments} from '../../../src/core/statement-text.ts';
import type {Lead} from '../../../src/model/ui-state.ts';
import type {RunningRow} from '../../../src/monitor/running.ts';
import {MEASURED_S, type ServicePerformanceRow} from '../../../src/monitor/service-performance.ts';
import {sessionKey} from '../../../src/monitor/session-key.ts';
import type {StatementRow} from '../../../src/monitor/statements.ts';

/** A query that has been running too long, a statement's figures, or what a service measured of its own queries. */
export type SlowRow =
  | {readonly kind: 'running'; readonly slow: true; readonly of: RunningRow}
  | {readonly kind: 'statement'; readonly slow: boolean; readonly of: StatementRow}
  | {readonly kind: 'service'; readonly slow: false; readonly of: ServicePerformanceRow};

/** How long the query has been running, or the mean time per call; milliseconds. */
export function meanMs(row: SlowRow): number | undefined {
  if (row.kind === 'statement') return row.of.meanMs;
  const seconds = row.kind === 'running' ? row.of.seconds : row.of.meanSeconds;
  return seconds === undefined ? undefined : seconds * 1000;
}

/** A figure that only statements have. */
export const statement =
  <T>(value: (row: StatementRow) => T) =>
  (row: SlowRow): T | undefined =>
    row.kind === 'statement' ? value(row.of) : undefined;

export const callsOf = (row: SlowRow): number | undefined =>
  row.kind === 'service' ? row.of.queries : statement(s => s.calls)(row);
export const callsPerSecond = (row: SlowRow): number | undefined =>
  row.kind === 'service' ? row.of.queries / MEASURED_S : statement(s => s.callsPerSecond)(row);
/** What only a service knows of its queries. */
export const service =
  <T>(value: (row: ServicePerformanceRow) => T) =>
  (row: SlowRow): T | undefined =>
    row.kind === 'service' ? value(row.of) : undefined;

/** A figure that only running queries have. */
export const running =
  <T>(value: (row: RunningRow) => T) =>
  (row: SlowRow): T | undefined =>
    row.kind === 'running' ? value(row.of) : undefined;

/** The sessions that a running query waits for. */
export const waitsFor = running(r => r.blockedBy.join(', ') || undefined);

/** The identity of a row: a session, an entry of pg_stat_statements, or a service. */
export function slowRowKey({kind, of}: SlowRow): string {
  if (kind === 'running') return `pid ${of.pid} ${of.backendStart}`;
  return kind === 'service' ? `service ${of.service}` : of.key;
}

/** A running query leads to its session; a statement to those that run it now, or ran it last; else to its service's. */
export function slowLead(row: SlowRow): Lead | readonly Lead[] {
  if (row.kind === 'running') {
    return {pane: 'sessions', what: 'its session', key: sessionKey(row.of.pid, row.of.backendStart)};
  }
  const what = 'the sessions of its service';
  if (row.kind === 'service') return {pane: 'sessions', what, where: {service: roleOf(row.of.service)}};
  const {user, database, queryId} = row.of;
  return [
    {pane: 'sessions', what: 'the sessions that run it', where: {user, database, query_id: queryId}},
    {pane: 'sessions', what, where: {user, database}, always: true},
  ];
}

// The synchroniser measures itself under a name of its own.
const roleOf = (service: string): string => (service === 'sync' ? 'tradetop_sync' : service);

/** Its statement, of a running one with what it does; of a service what it measured. */
export function queryOf(row: SlowRow): string {
  if (row.kind === 'service') return measuredBy(row.of);
  return row.kind === 'running' ? `${situation(row.of)}${withoutComments(row.of.query)}` : row.of.query;
}

function measuredBy({slow, slowest, slowestMs}: ServicePerformanceRow): string {
  const words = `${count(slow)} slow in 10 min`;
  if (slowest === undefined || slowestMs === undefined) return `${words}, by its own measure`;
  return `${words}: ${duration(slowestMs)} ${slowest}`;
}

/** Who blocks it, else its process and what it waits for: the statement has the room that this leaves. */
function situation({pid, wait, blockedBy: [blocker, ...others]}: RunningRow): string {
  if (blocker !== undefined) return `[blocked by ${blocker}${others.length > 0 ? ` +${others.length}` : ''}] `;
  return `[pid ${pid}${wait === undefined ? '' : ` ${wait}`}] `;
}
