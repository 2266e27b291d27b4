import type pg from 'pg';
import {failureOf} from '../core/errors.ts';
import {unusable} from '../io/pg-client.ts';
import type {ScriptItem} from '../io/psql-script.ts';
import type {PgTarget} from '../io/targets.ts';
import {runTransaction} from '../io/transaction.ts';
import {connect, type Did, didOf, locatedError, type ScriptOutcome, type ScriptRun} from './run-script.ts';

/** Runs one script of a dry run. */
type Rehearse = (script: ScriptRun) => Promise<ScriptOutcome>;

/**
 * Runs all scripts of a dry run in one transaction, one after the other, so that each finds what those before it would
 * have made; its end undoes everything. CREATE DATABASE, which no transaction can hold, is reported and not done. Works
 * in the trading database, where every script can run; in another of the server where that one does not exist.
 */
export async function withRehearsal(
  trading: PgTarget,
  server: PgTarget,
  use: (rehearse: Rehearse) => Promise<void>,
): Promise<void> {
  const warnings: string[] = [];
  const {client, database} = await connectEither(trading, server, warnings);
  try {
    await runTransaction(client, {commit: false}, () => use(rehearsing({client, database, trading, warnings})));
  } finally {
    await client.end().catch(() => {});
  }
}

async function connectEither(trading: PgTarget, server: PgTarget, warnings: string[]) {
  try {
    return {client: await connect(trading, warnings), database: trading.database};
  } catch (error) {
    if (failureOf(error).sqlstate !== '3D000') throw unusable(trading, error);
    return {client: await connect(server, warnings), database: server.database};
  }
}

type Rehearsal = {
  readonly client: pg.Client;
  /** The one that it is connected to. */
  readonly database: string;
  readonly trading: PgTarget;
  readonly warnings: string[];
};

// After the first item that needs a missing object, `planned` reads the rest from the scripts' text.
function rehearsing({client, database, trading, warnings}: Rehearsal): Rehearse {
  let missing = false;
  return async script => {
    const did: Did[] = [];
    if (script.target.database === trading.database && database !== trading.database) missing = true;
    for (const [n, item] of script.items.entries()) {
      missing ||= item.kind === 'connect' && item.text !== database;
      if (!missing) {
        try {
          did.push(...(await rehearseItem(client, item)));
          continue;
        } catch (error) {
          if (!MISSING.has(failureOf(error).sqlstate ?? '')) throw locatedError(error, script, item);
          missing = true;
        }
      }
      return {did: [...did, ...planned(script.items.slice(n))], warnings: warnings.splice(0)};
    }
    return {did, warnings: warnings.splice(0)};
  };
}

// Undefined table, schema, database, function or object: an earlier step that is left out here would have made it.
const MISSING = new Set(['42P01', '3F000', '3D000', '42883', '42704']);

async function rehearseItem(client: pg.Client, {kind, text}: ScriptItem): Promise<readonly Did[]> {
  // The step before \gexec has reported what it would run.
  if (kind !== 'statement' || /^(BEGIN|COMMIT)$/i.test(text)) return [];
  const {rows} = await client.query<Record<string, unknown>>(text);
  return didOf(rows).map(d => ({...d, result: d.result.replace(/^(created|changed|made anew)\b/, 'would be $1')}));
}

/**
 * What items would create, by their text: CREATE FUNCTION shared.x(…), CALL pg_temp.have_table('execution.orders', …
 */
function planned(items: readonly ScriptItem[]): readonly Did[] {
  return items.flatMap(({text}) => {
    const made = /pg_temp\.have_(table|enum)\(\s*'([\w.]+)/.exec(text);
    const func = /^CREATE OR REPLACE FUNCTION ((?:shared|notification)\.\w+)/.exec(text);
    const index = /pg_temp\.have_index\(\s*(?:'|\$\$)CREATE (?:UNIQUE )?INDEX (\w+) ON (\w+)\./.exec(text);
    const [what, object] = func
      ? ['function', func[1]]
      : index
        ? ['index', `${index[2]}.${index[1]}`]
        : [made?.[1] === 'enum' ? 'type' : made?.[1], made?.[2]];
    return what && object ? [{what, object, result: 'would be created'}] : [];
  });
}
