import {z} from 'zod';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {activityQuery, oneLine} from '../core/statement-text.ts';
import type {Io, Raw} from '../io/io.ts';
import {decode, number, rowSchema, serviceName} from './columns.ts';
import type {Extension} from './statements-extension.ts';
import type {StatementsChange} from './statements-fold.ts';

/** The text of an entry, and who runs it where. */
type StatementText = {
  readonly service: SafeText;
  readonly user: SafeText;
  readonly database: SafeText;
  readonly query: SafeText;
  /** Whether it is one of the console's own readings. */
  readonly own: boolean;
};

/** Known texts by the keys of their entries, the last used last. */
export type Texts = ReadonlyMap<string, StatementText>;

const SQL = 'monitor/statement_texts';
/** Texts that are kept, each of at most 4,000 characters. @internal */
export const MOST_TEXTS = 1000;

const row = rowSchema({
  userid: number,
  dbid: number,
  queryid: z.string(),
  toplevel: z.boolean(),
  query: z.string().nullable(),
  query_hex: z.string().nullable(),
  role: z.string().nullable(),
  database: z.string().nullable(),
});

/** The key of an entry: the columns that are the key of pg_stat_statements itself. */
export const statementKey = (r: Raw): string => `${r.userid}/${r.dbid}/${r.queryid}/${r.toplevel ? 't' : 'f'}`;

// Statements that the desk runs through tradetop (sync, the simulated desk) count as the desk's own work.
const OWN = /^\s*(?:\/\* tradetop:|\w+ \/\* tradetop:)(?:pg\/session|session|monitor\/|verify\/)/;

/** Texts from rows. A text that the server lost (its file was too large) is empty. @internal */
export const textsOf = (raws: readonly Raw[]): Texts =>
  new Map(
    decode(row, raws, SQL).map(r => [
      statementKey(r),
      {
        service: serviceName(r.role),
        user: oneLine(r.role),
        database: sanitise(r.database ?? ''),
        query: activityQuery(r.query, r.queryHex),
        own: OWN.test(r.query ?? ''),
      },
    ]),
  );

/** Reads the texts of the entries that have none yet, of `mostTexts` at a time: one query, and none when every text is known. */
export async function learn(
  io: Io,
  texts: Texts,
  wanted: readonly StatementsChange[],
  {mostTexts, variant, names}: Pick<Extension, 'variant' | 'names'> & {readonly mostTexts: number},
): Promise<Texts> {
  const missing = wanted.filter(({now}) => !texts.has(now.key)).slice(0, mostTexts);
  if (missing.length === 0) return texts;
  const ids = [...new Set(missing.map(({now}) => now.queryid))];
  return remember(texts, textsOf(await io.query(SQL, [ids], {variant, names})), wanted);
}

/** The texts to keep: those that are new or in use come last, so that they are forgotten last. @internal */
export function remember(texts: Texts, learnt: Texts, wanted: readonly StatementsChange[]): Texts {
  const all = new Map([...texts, ...learnt]);
  for (const {now} of wanted) {
    const text = all.get(now.key);
    if (!text) continue;
    all.delete(now.key);
    all.set(now.key, text);
  }
  return new Map([...all].slice(-MOST_TEXTS));
}
