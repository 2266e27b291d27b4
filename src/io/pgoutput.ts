import type {Micros} from '../core/time.ts';

/** A position in the WAL of one cluster. Later ones are larger. */
export type Lsn = bigint;

/** As PostgreSQL writes it: `16/B374D848`. */
export const lsnText = (lsn: Lsn): string =>
  `${(lsn >> 32n).toString(16)}/${(lsn & 0xffff_ffffn).toString(16)}`.toUpperCase();

/** Reads PostgreSQL's text form; undefined for anything else. */
export function parseLsn(text: unknown): Lsn | undefined {
  const [, high, low] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(String(text)) ?? [];
  return high === undefined ? undefined : (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** Columns of a row by name, as the server writes them; null: NULL; a column that the message leaves out is not in it. */
export type WalRow = ReadonlyMap<string, string | null>;

/** A message of pgoutput, protocol version 1. Tables are named `schema.table`. */
export type WalMessage =
  /** A transaction begins; it was committed `at` this time of the server's clock. */
  | {readonly what: 'begin'; readonly at: Micros}
  /** It ends, before `end` of the WAL. */
  | {readonly what: 'commit'; readonly end: Lsn}
  | {
      readonly what: 'insert' | 'update' | 'delete';
      readonly table: string;
      /** The row as it is now; undefined: it was deleted. */
      readonly row: WalRow | undefined;
      /** The old row, or the old columns of the replica identity, where the message has them. */
      readonly old: WalRow | undefined;
    }
  | {readonly what: 'truncate'; readonly tables: readonly string[]}
  /** Nothing that changes a row. */
  | {readonly what: 'other'};

/** The columns that are decoded, by table; all others are skipped. */
export type WantedColumns = Readonly<Record<string, readonly string[]>>;

type Relation = {readonly table: string; readonly columns: readonly (string | undefined)[]};

/** PostgreSQL counts microseconds from 2000-01-01. */
const EPOCH: Micros = Date.UTC(2000, 0, 1) * 1000;

/**
 * Decodes what a walsender with pgoutput sends, in order. It remembers the relations that the stream has described, so
 * each connection needs a decoder of its own. Values stay the server's own text. Throws a RangeError at the end of a
 * message that is cut short, and an Error for one that it does not know.
 */
export function createPgoutputDecoder(wanted: WantedColumns): (message: Buffer) => WalMessage {
  const relations = new Map<number, Relation>();
  return message => {
    const read = readerOf(message);
    const kind = read.letter();
    const table = (): Relation => {
      const relation = relations.get(read.int32());
      if (!relation) throw new Error('a change of a relation that was not described');
      return relation;
    };
    switch (kind) {
      case 'B':
        read.skip(8);
        return {what: 'begin', at: EPOCH + Number(read.int64())};
      case 'C':
        read.skip(9);
        return {what: 'commit', end: read.int64()};
      case 'R': {
        const [oid, relation] = readRelation(read, wanted);
        relations.set(oid, relation);
        return {what: 'other'};
      }
      case 'I':
      case 'U':
      case 'D':
        return readChange(read, kind, table());
      case 'T': {
        const count = read.int32();
        read.skip(1);
        return {what: 'truncate', tables: Array.from({length: count}, () => table().table)};
      }
      case 'O':
      case 'Y':
      case 'M':
        return {what: 'other'};
      default:
        throw new Error(`pgoutput sent a message of the unknown kind ${JSON.stringify(kind)}`);
    }
  };
}

const CHANGES = {I: 'insert', U: 'update', D: 'delete'} as const;

function readChange(read: Reader, kind: keyof typeof CHANGES, relation: Relation): WalMessage {
  let [row, old]: (WalRow | undefined)[] = [];
  while (read.more()) {
    // N: the new row; O: the old one; K: its replica identity.
    if (read.letter() === 'N') row = readRow(read, relation);
    else old = readRow(read, relation);
  }
  return {what: CHANGES[kind], table: relation.table, row, old};
}

function readRelation(read: Reader, wanted: WantedColumns): readonly [oid: number, Relation] {
  const oid = read.int32();
  const table = `${read.name()}.${read.name()}`;
  read.skip(1);
  const keep = new Set(wanted[table]);
  const columns = Array.from({length: read.int16()}, () => {
    read.skip(1);
    const name = read.name();
    read.skip(8);
    return keep.has(name) ? name : undefined;
  });
  return [oid, {table, columns}];
}

function readRow(read: Reader, {columns}: Relation): WalRow {
  const row = new Map<string, string | null>();
  const count = read.int16();
  for (let i = 0; i < count; i++) {
    const name = columns[i];
    const kind = read.letter();
    if (kind === 't') {
      const bytes = read.int32();
      if (name === undefined) read.skip(bytes);
      else row.set(name, read.text(bytes));
    } else if (kind === 'n') {
      if (name !== undefined) row.set(name, null);
    } else if (kind !== 'u') {
      // u: a long value that the change left as it was, which is not sent.
      throw new Error(`pgoutput sent a column of the unknown kind ${JSON.stringify(kind)}`);
    }
  }
  return row;
}

type Reader = ReturnType<typeof readerOf>;

function readerOf(buffer: Buffer) {
  let at = 0;
  const skip = (bytes: number): number => {
    const before = at;
    at += bytes;
    if (bytes < 0 || at > buffer.length) throw new RangeError('a message of pgoutput is cut short');
    return before;
  };
  return {
    skip,
    more: (): boolean => at < buffer.length,
    letter: (): string => String.fromCharCode(buffer.readUInt8(skip(1))),
    int16: (): number => buffer.readUInt16BE(skip(2)),
    int32: (): number => buffer.readUInt32BE(skip(4)),
    int64: (): bigint => buffer.readBigUInt64BE(skip(8)),
    // Not a TextDecoder, which drops a byte order mark at the beginning of a value.
    text: (bytes: number): string => buffer.toString('utf8', skip(bytes), at),
    name: (): string => {
      const end = buffer.indexOf(0, at);
      if (end < 0) throw new RangeError('a message of pgoutput is cut short');
      const start = skip(end + 1 - at);
      return buffer.toString('utf8', start, end);
    },
  };
}
