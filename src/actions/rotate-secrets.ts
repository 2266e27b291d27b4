import type {Env} from '../core/env.ts';
import {failureOf, UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {rotateSecrets, type SecretKey, secretKey} from '../io/secrets.ts';
import {beginStatement, COMMIT, UnknownOutcomeError, withTransaction} from '../io/transaction.ts';
import type {Action, ActionContext, Prepared, Result} from './action.ts';
import {fact} from './facts.ts';
import type {Session} from './session.ts';
import {sessionPool} from './session-pool.ts';
import {shown} from './statements.ts';
import {plural} from './words.ts';

type Keys = {readonly from: SecretKey; readonly to: SecretKey};

const STATEMENTS = ['secrets/lock', 'secrets/rotate', 'secrets/open'] as const;

/**
 * Puts every notification secret under another key, in one transaction: all of them or none. The keys come from the
 * environment, since they must be seen nowhere. When our process dies the transaction is rolled back. What was written
 * under the old key is still in older backups: where that key is known to others, change the secrets themselves too.
 */
export const rotateSecretsFrom = (env: () => Env): Action => ({
  id: 'rotate-secrets',
  title: 'Rotate secrets',
  key: 'E',
  danger: 'locks',
  help: 'Encrypts every notification secret anew, from TRADETOP_SECRET_KEY to TRADETOP_NEW_SECRET_KEY.',
  targets: ['database'],
  sql: STATEMENTS,
  orphan: 'ends',
  prepare: asking => prepare(asking, env()),
});

export const rotateSecretsAction: Action = rotateSecretsFrom(() => process.env);

async function prepare({io, sql}: ActionContext, env: Env): Promise<Prepared> {
  const statements = [beginStatement(), ...STATEMENTS.map(name => shown(sql.statement(name, 0))), COMMIT];
  const [row] = await io.query('actions/may_rotate_secrets');
  const secrets = Number(row?.secrets ?? 0);
  const ids = sanitise(String(row?.key_ids ?? ''));
  const keys = keysOf(env);
  const facts = [
    fact('secrets', `${secrets}${ids ? ` under key ${ids}` : ''}`),
    ...('refusal' in keys ? [] : [fact('old key', keys.from.id, ids !== '' && ids !== keys.from.id)]),
    ...('refusal' in keys ? [] : [fact('new key', keys.to.id)]),
  ];
  const refusal = row?.may
    ? 'refusal' in keys
      ? keys.refusal
      : undefined
    : 'A right is missing: connect as svc_notification, or as a superuser.';
  const execute = (session: Session): Promise<Result> => rotate(session, keys as Keys);
  return {facts, sql: statements, refusal, execute};
}

function keysOf(env: Env): Keys | {readonly refusal: string} {
  try {
    const from = secretKey(env.TRADETOP_SECRET_KEY);
    return {from, to: secretKey(env.TRADETOP_NEW_SECRET_KEY, 'TRADETOP_NEW_SECRET_KEY')};
  } catch (error) {
    if (error instanceof UserError) return {refusal: `${error.message} ${error.next}`};
    throw error;
  }
}

async function rotate(session: Session, {from, to}: Keys): Promise<Result> {
  try {
    const rows = await withTransaction(sessionPool(session), {}, ({client}) => rotateSecrets(client, from, to));
    return {outcome: 'done', rows, summary: `${plural(rows, 'secret')} put under key ${to.id}, none under ${from.id}.`};
  } catch (error) {
    const {message, sqlstate, why} = failureOf(error);
    if (error instanceof UserError) return failed(`${message} ${error.next}`.trim());
    if (error instanceof UnknownOutcomeError) {
      return failed('The connection was lost during COMMIT: whether it took effect is not known.');
    }
    if (why === 'down') return failed('The connection was lost: nothing was changed.');
    if (sqlstate === undefined) throw error;
    return {...failed(message), outcome: sqlstate === '57014' ? 'cancelled' : 'failed'};
  }
}

const failed = (summary: string): Result => ({outcome: 'failed', rows: undefined, summary});
