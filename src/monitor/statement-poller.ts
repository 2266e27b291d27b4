import type {z} from 'zod';
import type {Raw} from '../io/io.ts';
import {decode} from './columns.ts';
import {type Poller, type Sources, TIMEOUT_MS} from './poller.ts';

/** A statement on the trading database, with the schema of its rows or what is made of them. */
type Reading<Row> = {readonly sql: string; readonly params?: readonly unknown[]} & (
  | {readonly row: z.ZodType<Row>}
  | {readonly rows: (raws: readonly Raw[]) => readonly Row[]}
);

type StatementPoller<R extends object> = Pick<Poller<R>, 'everyMs' | 'unseenMs'> & {
  readonly samples: {readonly [Id in keyof R]: Reading<R[Id]>};
};

/** A poller that asks the trading database one statement a sample, one after the other, and needs no reading before. */
export function statementPoller<R extends object>({samples, ...pace}: StatementPoller<R>): Poller<R> {
  const ids = Object.keys(samples) as (keyof R & string)[];
  return {
    ...pace,
    ids,
    timeoutMs: TIMEOUT_MS,
    sql: ids.map(id => samples[id].sql),
    deltas: false,
    reader:
      () =>
      async ({trading}: Sources) => {
        const rows: Partial<Record<keyof R, readonly unknown[]>> = {};
        for (const id of ids) rows[id] = rowsOf(samples[id], await trading.query(samples[id].sql, samples[id].params));
        return rows as {readonly [Id in keyof R]: readonly R[Id][]};
      },
  };
}

const rowsOf = <Row>(reading: Reading<Row>, raws: readonly Raw[]): readonly Row[] =>
  'row' in reading ? decode(reading.row, raws, reading.sql) : reading.rows(raws);
