import type pg from 'pg';
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import type {Gate, GateOptions} from '../../../src/actions/gate.ts';
import * as actions from '../../../src/actions/index.ts';
import type {EditOptions, Outcome, Plan} from '../../../src/actions/plan.ts';
import type {Target} from '../../../src/actions/target.ts';
import type {ControlEvent} from '../../../src/bus/control.ts';
import type {BusEvent} from '../../../src/bus/event.ts';
import {type Subscription, subscribe} from '../../../src/bus/subscribe.ts';
import {sanitise} from '../../../src/core/sanitise.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import {type Bench, makeBench, newServer, within} from '../../helpers/desk/acting.ts';
import {servers} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const ALICE = {osUser: sanitise('alice'), client: sanitise('ssh 192.0.2.7 to desk-1')};
const BOB = {osUser: sanitise('bob as root'), client: sanitise('desk-2')};
const BY_ALICE = 'alice from ssh 192.0.2.7 to desk-1';

let bench: Bench;
let admin: pg.Client;
let operator: string;
let gate: Gate;
beforeAll(async () => {
  bench = await makeBench(await newServer[1]());
  admin = bench.admin;
  operator = await bench.role(['tradetop_operator']);
  gate = gateOf({operator: ALICE});
});
afterAll(() => bench?.close());

const gateOf = (options: Partial<GateOptions>, user = operator): Gate =>
  bench.gate(user, {actions: Object.values(actions), ...options});
const rows = (schema: string, name: string, ...keys: readonly string[]): Target => ({kind: 'rows', schema, name, keys});
const setting = (key: string): Target => rows('shared', 'system_config', key);
const one = async (text: string, values: unknown[] = []): Promise<Readonly<Record<string, unknown>>> =>
  (await admin.query(text, values)).rows[0];
const config = (key: string) =>
  one('SELECT value::text, description, version, updated_by FROM shared.system_config WHERE key = $1', [key]);
const facts = ({facts: all}: Plan): Readonly<Record<string, string>> =>
  Object.fromEntries(all.map(({label, value}) => [label, value]));
const edit = async (id: string, target: Target, what: EditOptions, by = gate): Promise<Outcome> =>
  by.run(await by.plan(id, target, {edit: what}));
const trail = async (): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  (await admin.query('SELECT * FROM shared.audit_log ORDER BY id')).rows;

describe('a setting', () => {
  beforeEach(async () => {
    await admin.query('DELETE FROM shared.system_config');
    await admin.query(`INSERT INTO shared.system_config (key, value, description, updated_by, version, updated_at)
      VALUES ('trading.enabled', 'true', 'whether orders are sent', 'carol', 3, now() - interval '2 days')`);
  });

  it('is shown with its old and new value, and is not changed by planning', async () => {
    const before = [await config('trading.enabled'), (await trail()).length];
    const plan = await gate.plan('set-config', setting('trading.enabled'), {edit: {value: 'false'}});
    expect(plan).toMatchObject({targetName: 'shared.system_config trading.enabled', refusal: undefined});
    expect(facts(plan)).toEqual({value: 'true → false', 'last change': '2d ago by carol, version 3'});
    expect(plan.sql.map(s => s.split(' ')[0])).toEqual(['BEGIN', 'UPDATE', 'COMMIT']);
    expect([await config('trading.enabled'), (await trail()).length]).toEqual(before);
  });

  it('is written with its version, the operator and the client, and audited with its old and new value', async () => {
    const outcome = await edit('set-config', setting('trading.enabled'), {value: 'false', description: 'x'});
    expect(outcome).toMatchObject({
      outcome: 'done',
      rows: 1,
      summary: 'Setting trading.enabled: true → false, version 4.',
    });
    expect(await config('trading.enabled')).toEqual({
      value: 'false',
      description: 'x',
      version: 4,
      updated_by: BY_ALICE,
    });
    const touched = "SELECT updated_at > now() - interval '1 minute' AS now FROM shared.system_config";
    expect(await one(touched)).toEqual({now: true});
    const [begun, ended] = (await trail()).slice(-2);
    const same = {
      operation: 'set-config',
      table_name: 'shared.system_config',
      target: 'shared.system_config trading.enabled',
      os_user: 'alice',
      client: 'ssh 192.0.2.7 to desk-1',
      db_user: operator,
    };
    const before = {value: 'true', description: 'whether orders are sent', updated_by: 'carol', version: 3};
    const after = {value: 'false', description: 'x', updated_by: BY_ALICE};
    expect(begun).toMatchObject({...same, id: outcome.auditId, result: 'started'});
    expect(begun?.detail).toEqual({changes: [{key: 'trading.enabled', before, after}]});
    expect(ended).toMatchObject({...same, result: 'done', rows: '1'});
    expect(ended?.detail).toMatchObject({changes: [{key: 'trading.enabled', before, after: {...after, version: 4}}]});
    expect(ended).toMatchObject({detail: {changes: outcome.changes}});
    const again = await gate.plan('set-config', setting('trading.enabled'), {edit: {value: 'true'}});
    expect(facts(again)['last run']).toMatch(new RegExp(`ago by alice \\(${operator}\\): done`));
  });

  it('keeps every digit of its JSON', async () => {
    const value = '{"a": 0.10000000000000000000000001, "b": [12345678901234567890.50]}';
    await edit('set-config', setting('trading.enabled'), {value});
    expect((await config('trading.enabled')).value).toBe(value);
  });

  it('that somebody changed since it was shown is not written, and its present value is reported', async () => {
    const plan = await gate.plan('set-config', setting('trading.enabled'), {edit: {value: '"mine"'}});
    await edit('set-config', setting('trading.enabled'), {value: '"theirs"'}, gateOf({operator: BOB}));
    const outcome = await gate.run(plan);
    expect(outcome).toMatchObject({outcome: 'failed', rows: 0, changes: []});
    expect(outcome.refused).toBeUndefined();
    expect(outcome.summary).toMatch(
      /^Setting trading\.enabled was changed meanwhile, by bob as root from desk-2 at \d{4}-\d\d-\d\dT[\d:.]+Z: it is "theirs" \(version 4\), and you saw true \(version 3\)\. Nothing was written\.$/,
    );
    expect(await config('trading.enabled')).toMatchObject({value: '"theirs"', version: 4});
    expect((await trail()).at(-1)).toMatchObject({result: 'failed', detail: {summary: outcome.summary}});
  });

  it('that was deleted meanwhile is not created again', async () => {
    const plan = await gate.plan('set-config', setting('trading.enabled'), {edit: {value: 'false'}});
    await admin.query('DELETE FROM shared.system_config');
    expect(await gate.run(plan)).toMatchObject({
      outcome: 'failed',
      summary: 'Setting trading.enabled was changed or deleted meanwhile. Nothing was written.',
    });
    expect(await config('trading.enabled')).toBeUndefined();
  });

  it('is written by one of eight operators who saw the same value, and the others are told whose it is', async () => {
    const gates = Array.from({length: 8}, (_, i) => gateOf({operator: {...BOB, osUser: sanitise(`op-${i}`)}}));
    const plans = await Promise.all(
      gates.map((g, i) => g.plan('set-config', setting('trading.enabled'), {edit: {value: String(i)}})),
    );
    const ended = await Promise.all(gates.map((g, i) => g.run(plans[i] as Plan)));
    const won = ended.flatMap((o, i) => (o.outcome === 'done' ? [i] : []));
    expect(won.length).toBe(1);
    for (const outcome of ended.filter(o => o.outcome !== 'done')) {
      expect(outcome.summary).toMatch(
        /was changed meanwhile, by op-|is already running|started the same action on this target a moment ago/,
      );
    }
    expect(await config('trading.enabled')).toMatchObject({value: String(won[0]), version: 4});
  });

  /** An edit that waits for the row, which another session holds until `end`. */
  async function waiting(held = 'SELECT FROM shared.system_config FOR UPDATE') {
    const other = await bench.session();
    await other.query('BEGIN');
    await other.query(held);
    const abort = new AbortController();
    const plan = await gate.plan('set-config', setting('trading.enabled'), {edit: {value: 'false'}});
    const running = within(gate.run(plan, {signal: abort.signal}), admin);
    const blocked = `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'update_with_version'
      AND datname = current_database()`;
    await waitFor('the edit to wait for the row', async () => (await one(blocked)) !== undefined);
    return {running, abort, pid: (await one(blocked)).pid, end: (how: string) => other.query(how)};
  }

  it('that another session is changing is waited for, and then not written', async () => {
    const {running, end} = await waiting(
      `UPDATE shared.system_config SET value = '7', version = version + 1, updated_by = 'dave'`,
    );
    await end('COMMIT');
    expect((await running).summary).toMatch(/by dave at .*: it is 7 \(version 4\)/);
  });

  it('is not changed when the edit is cancelled, or its connection is terminated, while it waits', async () => {
    const cancelled = await waiting();
    cancelled.abort.abort();
    expect(await cancelled.running).toMatchObject({
      outcome: 'cancelled',
      summary: 'Cancelled: setting trading.enabled was not changed.',
    });
    await cancelled.end('ROLLBACK');
    const cut = await waiting();
    await admin.query('SELECT pg_terminate_backend($1)', [cut.pid]);
    expect(await cut.running).toMatchObject({
      outcome: 'failed',
      summary: expect.stringMatching(/^Setting trading\.enabled was not changed: .*terminat/),
    });
    await cut.end('ROLLBACK');
    expect(await config('trading.enabled')).toMatchObject({value: 'true', version: 3});
    expect((await trail()).at(-1)).toMatchObject({operation: 'set-config', result: 'failed'});
  });

  it('that another session locks for longer than the lock timeout is not written, and the timeout is reported', async () => {
    const other = await bench.session();
    await other.query('BEGIN; SELECT FROM shared.system_config FOR UPDATE');
    const outcome = await edit(
      'set-config',
      setting('trading.enabled'),
      {value: 'false'},
      gateOf({operator: ALICE, lockMs: 100}),
    );
    await other.query('ROLLBACK');
    expect(outcome).toMatchObject({
      outcome: 'failed',
      summary:
        'Could not lock setting trading.enabled within 0.1 s, since another session has it locked. Nothing was written; try again.',
    });
  });

  it('that is new is created with --new, once', async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(() => gate.plan('set-config', setting('risk.window'), {edit: {value: '5', create: true}})),
    );
    expect(facts(first as Plan)).toEqual({value: '5 (new)'});
    expect(await gate.run(first as Plan)).toMatchObject({
      outcome: 'done',
      summary: 'Setting risk.window: 5, version 1.',
    });
    expect(await config('risk.window')).toEqual({value: '5', description: null, version: 1, updated_by: BY_ALICE});
    expect(await gate.run(second as Plan)).toMatchObject({
      outcome: 'failed',
      summary: expect.stringMatching(
        /^Setting risk\.window was changed meanwhile, by alice .*: it is 5 \(version 1\), and you saw none/,
      ),
    });
    expect((await trail()).at(-4)?.detail).toMatchObject({changes: [{key: 'risk.window', before: null}]});
  });

  it.each([
    [
      'trading.enabled',
      {value: 'yes'},
      'yes is not JSON. Write true, 5, {"a": 1}, or a text in its quotes: \'"text"\'.',
    ],
    ['trading.enabled', {value: ''}, ' is not JSON'],
    ['trading.enabled', {value: 'NaN'}, 'NaN is not JSON'],
    ['trading.enabled', {value: '1', create: true}, 'Setting trading.enabled already exists: true.'],
    ['trading.enabledd', {value: '1'}, 'There is no setting trading.enabledd. Add --new to create it.'],
    ['x'.repeat(101), {value: '1', create: true}, 'A key has 1 to 100 characters.'],
    [' ', {value: '1', create: true}, 'A key has 1 to 100 characters.'],
    ['two words', {value: '1', create: true}, 'A new key must have no blanks and no control characters.'],
    ['a\u202eb', {value: '1', create: true}, 'A new key must have no blanks and no control characters.'],
  ])('%s to %j is refused with the reason before anything is started', async (key, what, words) => {
    const plan = await gate.plan('set-config', setting(key), {edit: what});
    expect(plan.refusal).toContain(words);
    const before = (await trail()).length;
    expect(await gate.run(plan)).toMatchObject({outcome: 'failed', refused: true});
    expect((await trail()).length).toBe(before);
  });

  it('that the database refuses is not changed, and its error is reported', async () => {
    const outcome = await edit('set-config', setting('trading.enabled'), {value: '"\\u0000"'});
    expect(outcome).toMatchObject({
      outcome: 'failed',
      summary: 'Setting trading.enabled was not changed: unsupported Unicode escape sequence.',
    });
    expect(await config('trading.enabled')).toMatchObject({value: 'true', version: 3});
  });
});

describe('a risk limit', () => {
  let id: string;
  beforeEach(async () => {
    await admin.query('DELETE FROM risk_management.risk_limits');
    id = String(
      (
        await one(`INSERT INTO risk_management.risk_limits (limit_type, account_id, limit_value, warn_fraction)
          VALUES ('max_exposure', 'ACC-1', 1000, 0.8) RETURNING id`)
      ).id,
    );
  });
  const limit = () =>
    one(
      'SELECT limit_value::text, warn_fraction::text, enabled, version, updated_by FROM risk_management.risk_limits WHERE id = $1',
      [id],
    );
  const target = (): Target => rows('risk_management', 'risk_limits', id);

  it('is changed by its version, in exact digits', async () => {
    const what = {limit: '9999999999999999.9999', warn: '0.7501', enabled: false};
    const plan = await gate.plan('set-limit', target(), {edit: what});
    expect(facts(plan)).toMatchObject({
      limit: `${id}: max_exposure, account ACC-1`,
      'limit value': '1000.0000 → 9999999999999999.9999',
      'warn fraction': '0.8000 → 0.7501',
      enabled: 'true → false',
    });
    expect(await gate.run(plan)).toMatchObject({
      outcome: 'done',
      summary: `Limit ${id}: 1000.0000, warns from 0.8000 of it → 9999999999999999.9999, warns from 0.7501 of it, disabled, version 2.`,
    });
    expect(await limit()).toEqual({
      limit_value: '9999999999999999.9999',
      warn_fraction: '0.7501',
      enabled: false,
      version: 2,
      updated_by: BY_ALICE,
    });
    expect((await trail()).at(-1)?.detail).toMatchObject({
      changes: [{before: {limit_value: '1000.0000'}, after: {limit_value: '9999999999999999.9999'}}],
    });
  });

  it('that somebody changed since it was shown is not written, and its present value is reported', async () => {
    const plan = await gate.plan('set-limit', target(), {edit: {limit: '1'}});
    await edit('set-limit', target(), {limit: '2000'}, gateOf({operator: BOB}));
    expect(await gate.run(plan)).toMatchObject({
      outcome: 'failed',
      summary: expect.stringMatching(
        /by bob as root from desk-2 at .*: it is 2000\.0000, warns from 0\.8000 of it \(version 2\)/,
      ),
    });
    expect(await limit()).toMatchObject({limit_value: '2000.0000', version: 2});
  });

  it.each([
    [{limit: '0'}, '0 is not a limit. Give a number above 0'],
    [{limit: '-5'}, 'is not a limit'],
    [{limit: 'NaN'}, 'is not a limit'],
    [{limit: 'Infinity'}, 'is not a limit'],
    [{limit: '1.00001'}, 'is not a limit'],
    [{limit: '10000000000000000'}, 'is not a limit'],
    [{limit: 'lots'}, 'lots is not a limit'],
    [{warn: '0'}, 'is not a fraction of a limit'],
    [{warn: '1.0001'}, 'is not a fraction of a limit. Give a number above 0 and up to 1'],
    [{warn: '80%'}, 'is not a fraction of a limit'],
    [{}, 'Nothing to change.'],
  ])('%j is refused with the reason', async (what: EditOptions, words) => {
    const plan = await gate.plan('set-limit', target(), {edit: what});
    expect(plan.refusal).toContain(words);
    expect(await gate.run(plan)).toMatchObject({refused: true});
    expect(await limit()).toMatchObject({limit_value: '1000.0000', version: 1});
  });

  it('of a wrong number is refused by a named constraint of the database too', async () => {
    const refused = (set: string): Promise<unknown> =>
      admin.query(`UPDATE risk_management.risk_limits SET ${set}`).then(
        () => 'taken',
        (error: {constraint?: string; code: string}) => error.constraint ?? error.code,
      );
    expect(await refused('limit_value = 0')).toBe('positive_limit');
    expect(await refused(`limit_value = 'NaN'`)).toBe('positive_limit');
    expect(await refused('warn_fraction = 0')).toBe('valid_warn_fraction');
    expect(await refused('warn_fraction = 1.0001')).toBe('valid_warn_fraction');
    expect(await refused(`warn_fraction = 'NaN'`)).toBe('valid_warn_fraction');
  });

  it('that does not exist is reported as such', async () => {
    const plan = await gate.plan('set-limit', rows('risk_management', 'risk_limits', '999'), {edit: {limit: '1'}});
    expect(plan.refusal).toBe('There is no risk limit 999. See: tradetop limit list');
  });
});

describe('a new risk limit', () => {
  const target = rows('risk_management', 'risk_limits', 'new');
  const what = {limitType: 'max_order_value', account: 'ACC-9', limit: '2500.50'};

  it('is made by the operator, enabled, and not made twice', async () => {
    const plan = await gate.plan('new-limit', target, {edit: what});
    expect(facts(plan)).toMatchObject({limit: 'max_order_value, account ACC-9', 'limit value': '2500.50 (new)'});
    expect(await gate.run(plan)).toMatchObject({outcome: 'done', rows: 1});
    const made = await one(`SELECT limit_value::text, warn_fraction::text, enabled, updated_by, version
      FROM risk_management.risk_limits WHERE account_id = 'ACC-9'`);
    expect(made).toEqual({
      limit_value: '2500.5000',
      warn_fraction: '0.8000',
      enabled: true,
      updated_by: BY_ALICE,
      version: 1,
    });
    expect(await edit('new-limit', target, what)).toMatchObject({
      outcome: 'failed',
      summary: 'New limit exists already: change that one. Nothing was written.',
    });
  });

  it.each([
    [{...what, limitType: 'max_fun'}, 'max_fun is no type of limit. There are: max_position_value'],
    [{...what, limit: '0'}, '0 is not a limit'],
    [{...what, warn: '2'}, '2 is not a fraction'],
  ])('of %o is refused', async (wrong, why) => {
    expect((await gate.plan('new-limit', target, {edit: wrong})).refusal).toContain(why);
  });
});

describe('a position limit', () => {
  const table = (...keys: readonly string[]) => rows('risk_management', 'position_limits', ...keys);
  let id: string;
  beforeEach(async () => {
    await admin.query('DELETE FROM risk_management.position_limits');
    const made = await one(`INSERT INTO risk_management.position_limits
      (account_id, symbol, max_quantity, max_value, used_quantity, evaluated_at, breached_at)
      VALUES ('ACC-1', 'AAPL', 100, 5000, 120.5, now(), now()) RETURNING id`);
    id = String(made.id);
  });
  const limits = async () =>
    (
      await admin.query(`SELECT account_id, strategy, symbol, max_quantity::text, max_value::text, warn_fraction::text,
        enabled, version, updated_by FROM risk_management.position_limits ORDER BY id`)
    ).rows;

  it('is changed by its version, in exact digits, beside what the synchroniser measures of it', async () => {
    const what = {quantity: '9999999999999999.9999', limit: 'none', warn: '0.9'};
    const plan = await gate.plan('set-position-limit', table(id), {edit: what});
    expect(facts(plan)).toMatchObject({
      limit: `${id}: account ACC-1, symbol AAPL`,
      'max quantity': '100.0000 → 9999999999999999.9999',
      'max value': '5000.0000 → none',
      held: expect.stringMatching(/^quantity 120\.5, \ds ago$/),
    });
    await admin.query('UPDATE risk_management.position_limits SET used_quantity = 121, evaluated_at = now()');
    expect(await gate.run(plan)).toMatchObject({
      outcome: 'done',
      summary: `Position limit ${id}: quantity 100.0000, value 5000.0000, warns from 0.8000 of it → quantity 9999999999999999.9999, warns from 0.9000 of it, version 2.`,
    });
    const [limit] = await limits();
    expect(limit).toMatchObject({max_value: null, warn_fraction: '0.9000', version: 2, updated_by: BY_ALICE});
    expect((await trail()).at(-1)?.detail).toMatchObject({
      changes: [{before: {max_value: '5000.0000'}, after: {max_value: null}}],
    });
  });

  it('that somebody changed since it was shown is not written; one below what is held says so', async () => {
    const plan = await gate.plan('set-position-limit', table(id), {edit: {quantity: '120'}});
    expect(plan.facts.find(({label}) => label === 'held')).toMatchObject({
      warn: true,
      value: expect.stringContaining('over the limit'),
    });
    await edit('set-position-limit', table(id), {enabled: false}, gateOf({operator: BOB}));
    expect(await gate.run(plan)).toMatchObject({
      outcome: 'failed',
      summary: expect.stringMatching(
        /was changed meanwhile, by bob as root from desk-2 at .*: it is quantity 100\.0000/,
      ),
    });
    expect(await limits()).toMatchObject([{max_quantity: '100.0000', enabled: false, version: 2}]);
  });

  it('is made by the operator, enabled, and not made twice', async () => {
    const what = {account: 'ACC-9', strategy: ' ', limit: '2500.50'};
    const plan = await gate.plan('new-position-limit', table('new'), {edit: what});
    expect(facts(plan)).toMatchObject({limit: 'account ACC-9', 'max quantity': 'none (new)'});
    expect(await gate.run(plan)).toMatchObject({outcome: 'done', rows: 1});
    expect((await limits())[1]).toEqual({
      account_id: 'ACC-9',
      strategy: null,
      symbol: null,
      max_quantity: null,
      max_value: '2500.5000',
      warn_fraction: '0.8000',
      enabled: true,
      version: 1,
      updated_by: BY_ALICE,
    });
    expect(await edit('new-position-limit', table('new'), what)).toMatchObject({
      outcome: 'failed',
      summary: 'New position limit exists already: change that one. Nothing was written.',
    });
  });

  it.each<[string, string, EditOptions, string]>([
    ['set-position-limit', '', {}, 'Nothing to change. Give --quantity'],
    ['set-position-limit', '', {quantity: '0'}, '0 is not a limit'],
    ['set-position-limit', '', {quantity: 'none', limit: 'None'}, 'has a quantity, a value or both'],
    ['set-position-limit', '', {warn: '1.5'}, 'is not a fraction'],
    ['set-position-limit', '999', {limit: '1'}, 'There is no position limit 999. See: tradetop limit list position'],
    ['new-position-limit', 'new', {limit: '1'}, 'Name an account, a strategy or a symbol'],
    ['new-position-limit', 'new', {account: 'A'}, 'has a quantity, a value or both'],
    ['new-position-limit', 'new', {account: 'A', quantity: '5'}, 'A quantity is of one symbol'],
    ['new-position-limit', 'new', {account: 'A', limit: 'Infinity'}, 'Infinity is not a limit'],
  ])('by %s of %s with %j is refused', async (action, key, what, why) => {
    expect((await gate.plan(action, table(key || id), {edit: what})).refusal).toContain(why);
  });
});

describe('a strategy', () => {
  const strategy = {kind: 'strategy', name: 'momentum'} as const;
  const row = () => one(`SELECT status, version FROM strategy_engine.strategies WHERE name = 'momentum'`);
  const REASON = {edit: {reason: 'runs away'}};
  let redis: string;
  let heard: BusEvent<'control', ControlEvent>[] = [];
  let bus: Subscription;
  beforeAll(async () => {
    redis = (await servers()).redis.url;
    await admin.query(`INSERT INTO strategy_engine.strategies (name) VALUES ('momentum')`);
    let ready = false;
    bus = subscribe(parseRedisUrl(redis), {
      onControl: event => heard.push(event),
      onEvent: () => {},
      onReject: () => {},
      onLink: ({state}) => {
        ready = state === 'ready';
      },
    });
    await waitFor('the subscription', () => ready);
  });
  afterAll(() => bus.close());
  const gateWith = (url: string) => gateOf({operator: ALICE, config: bench.config(operator, {REDIS_URL: url})});

  it('is halted in its row, and services are told after the commit', async () => {
    const told = gateWith(redis);
    const plan = await told.plan('halt-strategy', strategy, REASON);
    expect(facts(plan)).toMatchObject({
      status: 'active → stopped',
      'open orders': '0 orders',
      desk: expect.stringMatching(/market/),
    });
    const outcome = await told.run(plan);
    expect(outcome).toMatchObject({
      outcome: 'done',
      summary: expect.stringMatching(
        /^Strategy momentum: active → stopped, version 2; told to \d+ subscribers? of data_sync:control\.$/,
      ),
    });
    expect(await row()).toEqual({status: 'stopped', version: 2});
    await waitFor('the event', () => heard.length > 0);
    expect(heard[0]).toMatchObject({
      type: 'strategy_status_changed',
      correlationId: 'momentum:2',
      data: {strategy: 'momentum', status: 'stopped', version: '2', changedBy: BY_ALICE, reason: 'runs away'},
    });
    expect((await trail()).at(-2)).toMatchObject({operation: 'halt-strategy', detail: {reason: 'runs away'}});
  });

  it('is halted although Redis is away, which is said; services can be told again', async () => {
    heard = [];
    const away = gateWith('redis://127.0.0.1:1');
    const outcome = await away.run(await away.plan('resume-strategy', strategy));
    expect(outcome).toMatchObject({
      outcome: 'partial',
      summary: expect.stringMatching(
        /stopped → active, version 3; services not told: Redis at 127\.0\.0\.1:1 does not answer: .*; run it again to tell them\.$/,
      ),
    });
    expect(await row()).toEqual({status: 'active', version: 3});
    const told = gateWith(redis);
    expect(await told.run(await told.plan('resume-strategy', strategy))).toMatchObject({outcome: 'done'});
    await waitFor('the event', () => heard.length > 0);
    expect(heard[0]?.data).toMatchObject({status: 'active', version: '4'});
  });

  it('that somebody else changed meanwhile is left as it is, and one that is not there is refused', async () => {
    heard = [];
    const told = gateWith(redis);
    const plan = await told.plan('halt-strategy', strategy);
    await admin.query(`UPDATE strategy_engine.strategies SET status = 'paused', version = version + 1`);
    expect(await told.run(plan)).toMatchObject({
      outcome: 'failed',
      summary: expect.stringMatching(
        /^Strategy momentum was changed meanwhile, .*: it is paused \(version 5\), and you saw active/,
      ),
    });
    expect(heard).toEqual([]);
    const none = await told.plan('halt-strategy', {kind: 'strategy', name: 'nothing'});
    expect(none.refusal).toBe('There is no strategy nothing.');
  });
});

describe('risk events', () => {
  let ids: readonly string[];
  beforeEach(async () => {
    await admin.query('DELETE FROM risk_management.risk_events');
    const made = await admin.query(`INSERT INTO risk_management.risk_events (event_type, severity, account_id, message)
      SELECT 'max_exposure', 'critical', 'ACC-1', 'broken ' || n FROM generate_series(1, 3) AS n RETURNING id`);
    ids = made.rows.map(r => String(r.id));
  });
  const events = async () =>
    (
      await admin.query(`SELECT acknowledged_by, acknowledged_at > now() - interval '1 minute' AS now,
        resolved_at IS NOT NULL AS resolved, version FROM risk_management.risk_events ORDER BY id`)
    ).rows;
  const target = (...keys: readonly (string | undefined)[]): Target =>
    rows('risk_management', 'risk_events', ...keys.map(String));
  const open = {acknowledged_by: null, now: null, resolved: false, version: 1};
  const seen = {acknowledged_by: BY_ALICE, now: true, resolved: false, version: 2};

  it('are acknowledged with the operator and the server’s time, and resolved when asked', async () => {
    const plan = await gate.plan('acknowledge', target(ids[0], ids[1]), {});
    expect(facts(plan)).toMatchObject({
      [`event ${ids[0]}`]: 'critical max_exposure, ACC-1: broken 1',
      'acknowledged by': BY_ALICE,
    });
    expect(await gate.run(plan)).toMatchObject({outcome: 'done', rows: 2});
    expect(await events()).toEqual([seen, seen, open]);
    await edit('acknowledge', target(ids[0]), {resolve: true}, gateOf({operator: BOB}));
    await edit('acknowledge', target(ids[2]), {resolve: true});
    expect(await events()).toEqual([{...seen, resolved: true, version: 3}, seen, {...seen, resolved: true}]);
  });

  it('that somebody else has acknowledged are not changed; the others are acknowledged', async () => {
    const plan = await gate.plan('acknowledge', target(...ids), {});
    await edit('acknowledge', target(ids[1]), {}, gateOf({operator: BOB}));
    const outcome = await gate.run(plan);
    expect(outcome).toMatchObject({outcome: 'partial', rows: 2});
    expect(outcome.summary).toMatch(
      new RegExp(`Event ${ids[1]} was changed meanwhile, by bob as root from desk-2 at .*: it is acknowledged by bob`),
    );
    expect(await events()).toEqual([seen, {...seen, acknowledged_by: 'bob as root from desk-2'}, seen]);
    const again = await gate.plan('acknowledge', target(ids[1]), {});
    expect(again.refusal).toMatch(/^Event \d+ is already acknowledged by bob as root from desk-2 at .*Z\.$/);
  });

  it('cannot be acknowledged without a user or a time, by a named constraint', async () => {
    await expect(admin.query(`UPDATE risk_management.risk_events SET acknowledged_at = now()`)).rejects.toMatchObject({
      constraint: 'acknowledged_by_someone',
    });
  });
});

describe('an edit', () => {
  const targets: readonly (readonly [string, Target, EditOptions])[] = [
    ['set-config', setting('a'), {value: '1', create: true}],
    ['set-limit', rows('risk_management', 'risk_limits', '1'), {limit: '1'}],
    ['new-position-limit', rows('risk_management', 'position_limits', 'new'), {account: 'A', limit: '1'}],
    ['acknowledge', rows('risk_management', 'risk_events', '1'), {}],
  ];

  it.each(targets)('by %s is refused to the monitor with the reason', async (id, target, what) => {
    const monitor = gateOf({operator: ALICE}, await bench.role(['tradetop_monitor']));
    const plan = await monitor.plan(id, target, {edit: what});
    expect(plan.refusal).toMatch(/^This user may not edit \w+\.\w+: connect as tradetop_operator\.$/);
    const before = (await trail()).length;
    expect(await monitor.run(plan)).toMatchObject({refused: true, outcome: 'failed'});
    expect((await trail()).length).toBe(before);
  });

  it.each(targets)('by %s is refused in read-only, even when it was planned before', async (id, target, what) => {
    await admin.query(`DELETE FROM shared.system_config WHERE key = 'a'`);
    let readOnly = true;
    const guarded = gateOf({operator: ALICE, readOnly: () => readOnly});
    expect((await guarded.plan(id, target, {edit: what})).refusal).toMatch(/^Read-only/);
    readOnly = false;
    const plan = await guarded.plan(id, target, {edit: what});
    readOnly = true;
    const before = (await trail()).length;
    expect(await guarded.run(plan)).toMatchObject({refused: true, summary: expect.stringMatching(/^Read-only/)});
    expect((await trail()).length).toBe(before);
  });

  it('of a target that is not a row is refused', async () => {
    expect((await gate.plan('set-config', {kind: 'database'}, {})).refusal).toBe(
      'Set configuration does not work on a database; it takes: rows.',
    );
  });
});
