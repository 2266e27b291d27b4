import {z} from 'zod';
import type {Raw} from '../io/io.ts';
import {decode, instant, maybeNumber, number, type RowOf, rowSchema, serviceName, text} from './columns.ts';
import type {Poller} from './poller.ts';
import {blind} from './source-error.ts';
import {statementPoller} from './statement-poller.ts';

const SQL = 'monitor/horizons';

const row = rowSchema({
  kind: z.enum(['session', 'standby', 'prepared transaction', 'replication slot', 'hidden']),
  /** The process; of a prepared transaction its transaction id. */
  pid: maybeNumber,
  backend_start: instant,
  role: z.string().nullable(),
  /** Application, global identifier or slot. */
  label: text,
  database: text,
  state: text,
  xids: number,
  seconds: maybeNumber,
  reader: text,
});

/** What keeps VACUUM from removing rows that died since. */
export type HorizonRow = RowOf<typeof horizonRows>;

/** Throws a SourceError where PostgreSQL hides sessions. */
const horizonRows = (raws: readonly Raw[]) =>
  decode(row, raws, SQL).map(({kind, role, backendStart, pid, reader, ...rest}) => {
    if (kind === 'hidden') throw blind(reader);
    return {
      ...rest,
      kind,
      pid,
      service: role === null ? undefined : serviceName(role, rest.label),
      /** The key of its row among the sessions; undefined: it has none. */
      sessionKey:
        pid === undefined
          ? undefined
          : kind === 'prepared transaction'
            ? `prepared/${pid}`
            : `${pid}/${backendStart ?? ''}`,
    };
  });

/** The oldest of what holds the xmin horizon back. */
export const horizonsPoller: Poller<{horizons: HorizonRow}> = statementPoller({
  everyMs: 2000,
  samples: {
    horizons: {sql: SQL, rows: horizonRows},
  },
});
