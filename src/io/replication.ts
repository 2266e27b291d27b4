import type {Socket} from 'node:net';
import pg from 'pg';
import {clientConfig} from './pg-client.ts';
import {type Lsn, lsnText} from './pgoutput.ts';
import type {PgTarget} from './targets.ts';

/** What a walsender sends. */
export type ReplicationHandlers = {
  /** One message of the output plugin, valid until the function returns. */
  readonly onMessage: (data: Buffer) => void;
  /** Everything before `sent` of the WAL was decoded and, where it is published, sent. `answer`: it waits for ours. */
  readonly onKeepalive: (sent: Lsn, answer: boolean) => void;
  /** The stream is over; undefined: the server ended it in order. */
  readonly onEnd: (error: unknown) => void;
};

/** How far the client is. The server may forget what is before `flushed`. */
type WalProgress = {readonly received: Lsn; readonly flushed: Lsn};

/** A connection to a walsender, for logical decoding. */
export type Replication = {
  /** Runs one SQL statement without parameters, before `start`. There is no timeout. */
  readonly query: (text: string) => Promise<readonly Record<string, unknown>[]>;
  /** Streams from `from` on; resolves when the server has begun. Throws the driver's error. */
  readonly start: (slot: string, publication: string, from: Lsn) => Promise<void>;
  /** `answer`: asks the server for a keepalive at once. */
  readonly acknowledge: (progress: WalProgress, answer?: boolean) => void;
  /** Reads nothing more than what is on the machine already, until `resume`. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Cuts the connection. */
  readonly close: () => void;
};

type Connection = {
  readonly stream: Socket;
  on(event: 'copyData', listener: (message: {readonly chunk: Buffer}) => void): void;
  once(event: 'replicationStart', listener: () => void): void;
  sendCopyFromChunk(chunk: Buffer): void;
};

/** Values are text in these forms, whatever database and role have set; nothing of ours is ended for its duration. */
const OPTIONS =
  '-c search_path=pg_catalog -c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=postgres -c bytea_output=hex -c statement_timeout=0 -c lock_timeout=0';

const [XLOG_DATA, KEEPALIVE, STATUS] = ['w', 'k', 'r'].map(letter => letter.charCodeAt(0)) as [number, number, number];
const XLOG_HEADER = 25;
const EPOCH_MS = Date.UTC(2000, 0, 1);

/** Connects to a walsender of the target's database. Throws the driver's error. */
export async function openReplication(
  target: PgTarget,
  name: string,
  {onMessage, onKeepalive, onEnd}: ReplicationHandlers,
): Promise<Replication> {
  const client = await connect(target, name);
  // The driver does not export it.
  const {connection} = client as unknown as {readonly connection: Connection};
  let over = false;
  const end = (error: unknown): void => {
    if (!over) onEnd(error);
    over = true;
  };
  const close = (): void => {
    over = true;
    connection.stream.destroy();
  };
  const take = ({chunk}: {readonly chunk: Buffer}): void => {
    if (over) return;
    if (chunk[0] === XLOG_DATA) onMessage(chunk.subarray(XLOG_HEADER));
    else if (chunk[0] === KEEPALIVE) onKeepalive(chunk.readBigUInt64BE(1), chunk[17] === 1);
  };
  return {
    query: async text => (await client.query(text)).rows,
    start: (slot, publication, from) =>
      new Promise((resolve, reject) => {
        connection.once('replicationStart', resolve);
        connection.on('copyData', message => {
          try {
            take(message);
          } catch (error) {
            end(error);
            close();
          }
        });
        const options = `proto_version '1', publication_names ${pg.escapeLiteral(pg.escapeIdentifier(publication))}`;
        const text = `START_REPLICATION SLOT ${pg.escapeIdentifier(slot)} LOGICAL ${lsnText(from)} (${options})`;
        client.query(text).then(
          () => end(undefined),
          error => {
            reject(error);
            end(error);
          },
        );
      }),
    acknowledge: (progress, answer = false) => {
      if (!over) connection.sendCopyFromChunk(statusUpdate(progress, answer));
    },
    pause: () => connection.stream.pause(),
    resume: () => connection.stream.resume(),
    close,
  };
}

async function connect(target: PgTarget, name: string): Promise<pg.Client> {
  const own = {connectionTimeoutMillis: 10_000, options: OPTIONS, replication: 'database'};
  const client = new pg.Client({...clientConfig(target, name), ...own} as pg.ClientConfig);
  // Without a listener a walsender that is killed ends this process. The running query fails with the same error.
  client.on('error', () => {});
  await client.connect();
  return client;
}

function statusUpdate({received, flushed}: WalProgress, answer: boolean): Buffer {
  const update = Buffer.alloc(34);
  update.writeUInt8(STATUS, 0);
  update.writeBigUInt64BE(received, 1);
  update.writeBigUInt64BE(flushed, 9);
  update.writeBigUInt64BE(flushed, 17);
  update.writeBigInt64BE(BigInt(Date.now() - EPOCH_MS) * 1000n, 25);
  update.writeUInt8(answer ? 1 : 0, 33);
  return update;
}
