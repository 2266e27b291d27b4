import {isoMicros, type Micros, nowMicros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import type {Log} from '../io/log.ts';
import type {Pg} from '../io/pg.ts';
import {inTransaction} from './session.ts';
import type {SyncStats} from './stats.ts';

type ValidationOptions = {
  readonly db: Pg;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Its `rejects`: the messages of the bus that were rejected last, the newest first. */
  readonly stats: () => Pick<SyncStats, 'rejects'>;
  /** A time of this machine's clock by the database's. */
  readonly toDb: (at: Micros) => Micros;
};

/** Every file of this folder is a rule: what it returns is wrong. The first word of its name is its level. */
const RULES = 'quality/';
const HOUR: Micros = 3_600_000_000;
/** Rows of the last two days are looked at in the first run and every tenth; else those since the run before. */
const WIDE: Micros = 48 * HOUR;
const WIDE_EVERY = 10;
/** A row may be written so long after its time, and be committed so long after it was written. */
const LATE: Micros = HOUR;
/** Most rows that a rule returns: with that many it may have left out some, and closes no finding. */
const MOST = 200;
const RULE_TIMEOUT = '10s';

/**
 * The validation. The first run, with which a worker starts, does nothing; each other asks every rule for what is wrong with the rows of its window, writes each finding once, and
 * closes those that no longer hold. One worker at a time does. A rule that fails stops no other: the run rejects with its
 * reason at the end.
 */
export function createValidation({db, log, stats, toDb}: ValidationOptions): () => Promise<void> {
  const rules = db.sql.names().filter(name => name.startsWith(RULES));
  let [run, before, heard] = [-1, nowMicros(), ''];
  return async () => {
    if (run < 0) {
      run = 0;
      return;
    }
    const now = nowMicros();
    const since = isoMicros(toDb(run % WIDE_EVERY === 0 ? now - WIDE : before - LATE));
    const fresh = stats().rejects.filter(({at}) => at > heard);
    const failures: unknown[] = [];
    const attempt = (work: Promise<unknown>) => work.catch(error => failures.push(error));
    await attempt(writeRejects(db, fresh));
    for (const rule of rules) await attempt(judge(db, rule, since).then(result => report(log, rule, result)));
    if (failures.length > 0) throw failures[0];
    [run, before, heard] = [run + 1, now, fresh[0]?.at ?? heard];
  };
}

type Judged = {readonly opened: number; readonly closed: number} | undefined;

function report(log: ValidationOptions['log'], rule: string, result: Judged): void {
  if (result === undefined || result.opened + result.closed === 0) return;
  log[result.opened > 0 ? 'warn' : 'info']({rule: rule.slice(RULES.length), ...result}, 'data quality');
}

/** What became of a rule's findings; undefined: another worker is at it. */
const judge = (db: Pg, rule: string, since: string): Promise<Judged> =>
  inTransaction(db, async ask => {
    const [lock] = await ask('sync/quality_lock');
    if (lock?.held !== true) return undefined;
    await ask('sync/statement_timeout', [RULE_TIMEOUT]);
    const rows = await ask(rule, [since]);
    const name = rule.slice(RULES.length);
    const column = (of: string): readonly unknown[] => rows.map((row: Raw) => row[of] ?? null);
    const [counts] = await ask('sync/quality_findings', [
      name,
      name.split('_')[0],
      rows.length < MOST ? since : null,
      ...['row_key', 'symbol', 'row_at', 'severity', 'expected', 'actual', 'message'].map(column),
    ]);
    return {opened: Number(counts?.opened), closed: Number(counts?.closed)};
  });

/** Writes each reason and channel once, with its last message, and closes those of which none came for long. */
async function writeRejects(db: Pg, fresh: SyncStats['rejects']): Promise<void> {
  const last = new Map<string, SyncStats['rejects'][number]>();
  for (const reject of fresh.toReversed()) last.set(`${reject.reason} ${reject.channel}`, reject);
  const kinds = [...last.values()];
  await db.query('sync/quality_rejects', [
    kinds.map(({reason}) => reason),
    kinds.map(({reason}) => (reason === 'bad_data' ? 'type' : 'envelope')),
    kinds.map(({channel}) => channel),
    kinds.map(({at}) => at),
    kinds.map(({detail, text}) => `${detail}: ${text}`),
  ]);
}
