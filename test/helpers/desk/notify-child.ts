/*
 * A notifier as a process of its own, for tests that kill it: `node notify-child.ts`. Each line of standard input is the
 * list of the alerts' ids that stand from then on. Prints `active` when it is.
 */
import {createInterface} from 'node:readline';
import {sanitise} from '../../../src/core/sanitise.ts';
import {secret} from '../../../src/core/secret.ts';
import {nowMicros} from '../../../src/core/time.ts';
import {openPg} from '../../../src/io/pg.ts';
import {secretKey} from '../../../src/io/secrets.ts';
import {loadSql} from '../../../src/io/sql.ts';
import type {Alert} from '../../../src/model/state.ts';
import {startNotifier} from '../../../src/notify/notifier.ts';
import {NOTIFY_PG} from '../../../src/notify/session.ts';

const {HOST = '', PORT, DATABASE = '', PASSWORD, KEY} = process.env;
const target = {
  host: HOST,
  port: Number(PORT),
  database: DATABASE,
  user: 'svc_notification',
  password: secret(PASSWORD),
  ssl: 'disable',
} as const;
const alertOf = (id: string) =>
  ({id, severity: 'crit', owner: 'database', text: sanitise(id), todo: sanitise('Look.'), since: nowMicros()}) as Alert;
let standing: readonly string[] | undefined;
createInterface({input: process.stdin}).on('line', line => {
  standing = JSON.parse(line);
});
const quiet = {info: () => {}, warn: (fields: unknown) => process.stderr.write(`${JSON.stringify(fields)}\n`)};
const notifier = startNotifier({
  pg: openPg(target, loadSql(), {...NOTIFY_PG, writes: true}),
  keys: {keys: [secretKey(KEY)], missing: undefined},
  origin: {environment: 'dev', database: DATABASE, host: 'test'},
  view: () =>
    standing && {
      at: nowMicros(),
      alerts: standing.map(alertOf),
      full: false,
      asked: () => true,
    },
  log: quiet as never,
  tickMs: 10,
  connectMs: 20,
  gatherMs: 40,
});
const said = setInterval(() => {
  if (notifier.state() !== 'active') return;
  clearInterval(said);
  process.stdout.write('active\n');
}, 5);
