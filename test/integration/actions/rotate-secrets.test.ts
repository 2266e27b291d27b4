import {randomBytes} from 'node:crypto';
import {afterAll, beforeAll, beforeEach, expect, test} from 'vitest';
import type {Outcome, Plan} from '../../../src/actions/plan.ts';
import {rotateSecretsFrom} from '../../../src/actions/rotate-secrets.ts';
import type {Target} from '../../../src/actions/target.ts';
import {listSecrets, newSecretKey, openSecrets, secretKey, storeSecret} from '../../../src/io/secrets.ts';
import {type Bench, makeBench, newServer} from '../../helpers/desk/acting.ts';

const DATABASE: Target = {kind: 'database'};
const OLD = secretKey('the-old-key-of-this-test-0123456789-abc');
const NEW = secretKey('the-new-key-of-this-test-0123456789-abc');
const KEYS = {TRADETOP_SECRET_KEY: OLD.key() as string, TRADETOP_NEW_SECRET_KEY: NEW.key() as string};
let bench: Bench;

beforeAll(async () => {
  bench = await makeBench(await newServer[1]());
  for (const name of ['desk', 'risk', 'mail']) {
    await bench.admin.query("INSERT INTO notification.notification_configs (name, channel) VALUES ($1, 'slack')", [
      name,
    ]);
  }
});
afterAll(() => bench?.close());
beforeEach(async () => {
  const {admin} = bench;
  await admin.query('UPDATE notification.notification_configs SET secret = NULL, secret_key_id = NULL');
  await admin.query('BEGIN');
  for (const name of ['desk', 'risk']) {
    const [holder] = await listSecrets(admin, name);
    await storeSecret(admin, holder as never, `secret of ${name}`, OLD);
  }
  await admin.query('COMMIT');
});

type Acted = {readonly plan: Plan; readonly outcome: Outcome};
async function act(env: Readonly<Record<string, string>>, user = 'postgres', signal?: AbortSignal): Promise<Acted> {
  const gate = bench.gate(user, {actions: [rotateSecretsFrom(() => env)]});
  const plan = await gate.plan('rotate-secrets', DATABASE);
  return {plan, outcome: await gate.run(plan, signal ? {signal} : {})};
}
async function opened(key = OLD): Promise<readonly unknown[]> {
  await bench.admin.query('BEGIN');
  try {
    return [...(await openSecrets(bench.admin, key)).values()].map(s => s());
  } finally {
    await bench.admin.query('ROLLBACK');
  }
}

test('rotation is one action: planned, run in one transaction, counted and audited', async () => {
  const {plan, outcome} = await act(KEYS);
  expect(plan).toMatchObject({refusal: undefined, danger: 'locks'});
  expect(plan.facts.slice(0, 3).map(f => [f.label, f.value])).toEqual([
    ['secrets', `2 under key ${OLD.id}`],
    ['old key', OLD.id],
    ['new key', NEW.id],
  ]);
  expect(outcome).toMatchObject({
    outcome: 'done',
    rows: 2,
    summary: `2 secrets encrypted with key ${NEW.id}; none is left under key ${OLD.id}.`,
  });
  expect(outcome.sql[0]).toBe('BEGIN ISOLATION LEVEL READ COMMITTED');
  expect(outcome.sql.at(-1)).toBe('COMMIT');
  expect(await opened(NEW)).toEqual(['secret of desk', 'secret of risk']);
  const {rows} = await bench.admin.query(
    "SELECT * FROM shared.audit_log WHERE operation = 'rotate-secrets' ORDER BY id",
  );
  expect(rows.map(r => r.result)).toEqual(['started', 'done']);
  const said = JSON.stringify([plan, outcome, rows]);
  for (const clear of [OLD.key(), NEW.key(), 'secret of desk']) expect(said).not.toContain(clear);
});

test.each([
  ['without a new key', {TRADETOP_SECRET_KEY: KEYS.TRADETOP_SECRET_KEY}, 'Set TRADETOP_NEW_SECRET_KEY'],
  ['without an old key', {TRADETOP_NEW_SECRET_KEY: KEYS.TRADETOP_NEW_SECRET_KEY}, 'Set TRADETOP_SECRET_KEY'],
  ['with a short key', {...KEYS, TRADETOP_NEW_SECRET_KEY: 'short'}, 'TRADETOP_NEW_SECRET_KEY is too short'],
])('%s it is refused before it changes anything', async (_, env, why) => {
  const {plan, outcome} = await act(env);
  expect(plan.refusal).toContain(why);
  expect(outcome).toMatchObject({outcome: 'failed', refused: true});
  expect(await opened()).toEqual(['secret of desk', 'secret of risk']);
});

test('with a wrong old key it fails, and nothing is changed', async () => {
  const {outcome} = await act({...KEYS, TRADETOP_SECRET_KEY: newSecretKey()});
  expect(outcome).toMatchObject({
    outcome: 'failed',
    summary: expect.stringContaining(`is encrypted under key ${OLD.id}`),
  });
  expect(await opened()).toEqual(['secret of desk', 'secret of risk']);
});

test('with one secret that the key does not decrypt it fails, and none is changed', async () => {
  await bench.admin.query(
    "UPDATE notification.notification_configs SET secret = public.pgp_sym_encrypt('x', $1) WHERE name = 'risk'",
    [randomBytes(20).toString('hex')],
  );
  const {outcome} = await act(KEYS);
  expect(outcome).toMatchObject({outcome: 'failed', summary: expect.stringContaining('does not decrypt the secrets')});
  const {rows} = await bench.admin.query(
    'SELECT DISTINCT secret_key_id FROM notification.notification_configs WHERE secret IS NOT NULL',
  );
  expect(rows).toEqual([{secret_key_id: OLD.id}]);
});

test('cancelled, it changes nothing', async () => {
  const stop = new AbortController();
  stop.abort();
  const {outcome} = await act(KEYS, 'postgres', stop.signal);
  expect(outcome.outcome).toBe('cancelled');
  expect(await opened()).toEqual(['secret of desk', 'secret of risk']);
});

test('the operator, who may not read secrets, is told which role may', async () => {
  const operator = await bench.role(['tradetop_operator']);
  const {plan, outcome} = await act(KEYS, operator);
  expect(plan.refusal).toBe('This role may not change secrets: connect as svc_notification or as a superuser.');
  expect(outcome).toMatchObject({refused: true});
});
