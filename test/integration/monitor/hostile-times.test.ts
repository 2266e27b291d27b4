import type pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {PANES} from '../../../components/panes/index.ts';
import {csvOf} from '../../../src/app/csv.ts';
import {jsonOf} from '../../../src/app/snapshot-forms.ts';
import type {Pg} from '../../../src/io/pg.ts';
import type {SampleId, Samples} from '../../../src/model/state.ts';
import * as all from '../../../src/monitor/index.ts';
import {pollOnce} from '../../../src/monitor/run.ts';
import {createJudge} from '../../../src/store/judge.ts';
import {holdIn, waitingSamples} from '../../../src/store/samples.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import type {Database} from '../../helpers/servers/servers.ts';
import {monitorPool, NO_REDIS, pollerList, SETTINGS, session} from '../../helpers/state/polls.ts';
import {stateOf} from '../../helpers/state/screen.ts';

let desk: Database;
let admin: pg.Client;
let trading: Pg;

/** Times that PostgreSQL takes and no calendar of ours has. */
const HOSTILE = ['infinity', '-infinity', '294276-12-31 23:59:59.999999+00', '4713-01-01 00:00:00+00 BC'];

/** The desk's tables, without the partitions. */
const TABLES = `relkind IN ('r', 'p') AND NOT relispartition AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'`;
const IS_TIME = `atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype) AND attnum > 0 AND NOT attisdropped`;

/**
 * Two rows in each table, the second without the times that may be missing: of a column that takes certain words the first of them, else what its type takes.
 */
const FILL = `
  DO $$
  DECLARE t regclass; n integer; names text; vals text;
  BEGIN
    -- What a row says in several columns together is not asked for here.
    FOR t, names IN SELECT conrelid, conname FROM pg_constraint JOIN pg_class AS c ON c.oid = conrelid
                     WHERE contype = 'c' AND ${TABLES} AND coninhcount = 0
                       AND (cardinality(conkey) > 1 OR pg_get_constraintdef(pg_constraint.oid) !~ '= (''|ANY)') LOOP
      EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', t, names);
    END LOOP;
    FOR t, n IN SELECT oid, row FROM pg_class, generate_series(1, 2) AS row WHERE ${TABLES} LOOP
      SELECT string_agg(quote_ident(attname), ', '),
             string_agg(coalesce(
               (SELECT quote_literal(substring(pg_get_constraintdef(k.oid) FROM '''([^'']+)''')) FROM pg_constraint AS k
                 WHERE k.conrelid = t AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
                   AND pg_get_constraintdef(k.oid) ~ '= (''|ANY)' LIMIT 1),
               (SELECT quote_literal(min(enumlabel)) FROM pg_enum WHERE enumtypid = atttypid),
               CASE WHEN ${IS_TIME} THEN 'now()'
                    WHEN atttypid = 'date'::regtype THEN 'current_date'
                    WHEN atttypid = 'jsonb'::regtype THEN '''{}'''
                    WHEN atttypid = 'boolean'::regtype THEN 'false'
                    WHEN atttypid::regtype::text LIKE '%[]' THEN '''{}'''
                    ELSE quote_literal(n) END), ', ')
        INTO names, vals
        FROM pg_attribute AS a
       WHERE attrelid = t AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
         AND ((attnotnull AND NOT atthasdef) OR (${IS_TIME} AND (n = 1 OR attnotnull)));
      BEGIN
        EXECUTE format('INSERT INTO %s (%s) VALUES (%s)', t, names, vals);
      EXCEPTION WHEN OTHERS THEN RAISE WARNING '%: %', t, SQLERRM;
      END;
    END LOOP;
  END $$`;

beforeAll(async () => {
  desk = await cloneDesk();
  admin = await session(targetOf(desk), 'admin');
  trading = monitorPool(targetOf(desk));
  // No trigger and no key of another table: rows that no service of the desk would write.
  await admin.query("SET session_replication_role = 'replica'");

  await admin.query(FILL);
});
afterAll(async () => {
  await trading?.close();
  await admin?.end();
  await desk?.drop();
});

describe('times beyond the calendar, in every column of time', () => {
  it.each(HOSTILE)('%s is read and shown', async hostile => {
    const {rows: columns} = await admin.query<{name: string; set: string}>(
      `
      SELECT attrelid::regclass || '.' || attname AS name,
             format('UPDATE %1$s SET %2$I = %3$L WHERE %2$I IS NOT NULL', attrelid::regclass, attname, $1::text) AS set
        FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid WHERE ${TABLES} AND ${IS_TIME}`,
      [hostile],
    );
    const refused: string[] = [];
    for (const {name, set} of columns) await admin.query(set).catch(() => refused.push(name));
    expect(columns.length).toBeGreaterThan(100);
    // Nobody changes what is written there.
    expect(refused).toEqual(['shared.audit_log.timestamp']);
    let samples: Samples = waitingSamples();
    const failed: unknown[] = [];
    await pollOnce({
      pollers: pollerList(all).filter(({ids}) => !ids.some(id => /^(?:redis|prefect)/.test(id))),
      io: {trading, prefect: trading, redis: NO_REDIS},
      settings: SETTINGS,
      gapMs: 10,
      onSample: (id, sample) => {
        if (!sample.ok) failed.push([id, sample.failure.message]);
        samples = holdIn(samples, id as SampleId, sample as never);
      },
    });
    expect(failed).toEqual([]);
    const {alerts: _, ...rest} = stateOf({at: Date.now() * 1000, samples});
    const state = createJudge({once: true}).judged(rest);
    const tables = PANES.map(pane => pane.table(state));
    const shown = new Set(tables.filter(({rows}) => rows.length > 0).map(({id}) => id));
    for (const id of ['positions', 'orders', 'risk', 'sync', 'logs', 'maintenance', 'audit', 'analytics']) {
      expect(shown).toContain(id);
    }
    for (const pane of PANES) for (const key of pane.keys(state)) expect(pane.details(state, key)).toBeDefined();
    const written = [JSON.stringify(jsonOf(state, tables)), ...tables.map(csvOf)].join('\n');
    expect(written).not.toMatch(/Infinity|NaN|Invalid/);
  });
});
