import type {Env} from '../core/env.ts';
import {failureOf, UserError} from '../core/errors.ts';
import {plural} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {rotateSecrets, type SecretKey, secretKey} from '../io/secrets.ts';
import {beginStatement, COMMIT, UnknownOutcomeError, withTransaction} from '../io/transaction.ts';
import type {Action, ActionContext, Prepared, Result} from './action.ts';
import {fact} from './facts.ts';
import type {Session} from './session.ts';
import {sessionPool} from './session-pool.ts';
import {shown} from './statements.ts';

type Keys = {readonly from: SecretKey; readonly to: SecretKey};

const STATEMENTS = ['secrets/lock', 'secrets/rotate', 'secrets/open'] as const;

/**
 * Encrypts every notification secret with another key, in one transaction: all of them or none. The keys come from the
 * environment, where others do not see them. When our process dies the transaction is rolled back. Older backups still hold
 * the secrets under the old key: where others know that key, change the secrets themselves too.
 * @internal
 */
export const rotateSecretsFrom = (env: () => Env): Action => ({
  id: 'rotate-secrets',
  title: 'Rotate secrets',
  key: 'E',
  danger: 'locks',
  help: 'Encrypts every notification secret again, from TRADETOP_SECRET_KEY to TRADETOP_NEW_SECRET_KEY.',
  targets: ['database'],
  orphan: 'ends',
  prepare: context => prepare(context, env()),
});

export const rotateSecretsAction: Action = rotateSecretsFrom(() => process.env);

async function prepare({io, sql}: ActionContext, env: Env): Promise<Prepared> {
  const [extension] = await io.query('secrets/pgcrypto');
  const pgcrypto = String(extension?.schema ?? 'public');
  const statements = [
    beginStatement(),
    ...STATEMENTS.map(name => shown(sql.statement(name, 0, name === 'secrets/lock' ? {} : {pgcrypto}))),
    COMMIT,
  ];
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
    : 'This role may not change secrets: connect as svc_notification or as a superuser.';
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
    return {
      outcome: 'done',
      rows,
      summary: `${plural(rows, 'secret')} encrypted with key ${to.id}; none is left under key ${from.id}.`,
    };
  } catch (error) {
    const {message, sqlstate, why} = failureOf(error);
    if (error instanceof UserError) return failed(`${message} ${error.next}`.trim());
    if (error instanceof UnknownOutcomeError) {
      return failed('The connection was lost during COMMIT: it is not known whether it took effect.');
    }
    if (why === 'down') return failed('The connection was lost: nothing was changed.');
    if (sqlstate === undefined) throw error;
    return {...failed(message), outcome: sqlstate === '57014' ? 'cancelled' : 'failed'};
  }
}

const failed = (summary: string): Result => ({outcome: 'failed', rows: undefined, summary});
