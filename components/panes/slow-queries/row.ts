import type {RunningRow} from '../../../src/monitor/running.ts';
import type {StatementRow} from '../../../src/monitor/statements.ts';

/** A query that has been running too long, or a statement's figures over the last interval. */
export type SlowRow =
  | {readonly kind: 'running'; readonly slow: true; readonly of: RunningRow}
  | {readonly kind: 'statement'; readonly slow: boolean; readonly of: StatementRow};

/** How long the query has been running, or the statement's mean time per call; milliseconds. */
export const meanMs = (row: SlowRow): number => (row.kind === 'running' ? row.of.seconds * 1000 : row.of.meanMs);

/** A figure that only statements have. */
export const statement =
  <T>(value: (row: StatementRow) => T) =>
  (row: SlowRow): T | undefined =>
    row.kind === 'statement' ? value(row.of) : undefined;
/** A figure that only running queries have. */
export const running =
  <T>(value: (row: RunningRow) => T) =>
  (row: SlowRow): T | undefined =>
    row.kind === 'running' ? value(row.of) : undefined;

/** The sessions that a running query waits for. */
export const waitsFor = running(r => r.blockedBy.join(', ') || undefined);
