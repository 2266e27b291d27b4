import type {Client} from 'pg';
import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {isVerifierOf, scramVerifier} from '../core/scram.ts';
import type {Secret} from '../core/secret.ts';
import type {SqlLibrary} from '../io/sql.ts';
import {runTransaction} from '../io/transaction.ts';
import type {Did} from './run-script.ts';

/** A role that may get a password, the variable for it, and the password if it was given. */
export type RolePassword = {readonly role: string; readonly variable: string; readonly password: Secret};

/** The first row of a statement under sql/. */
type Ask = (name: string, params?: readonly unknown[]) => Promise<Record<string, unknown> | undefined>;

/**
 * Sets the given passwords as SCRAM verifiers that are computed here; a correct one stays. A role without a password
 * cannot log in with one: its entry names the variable for it. Superusers and the role that runs the set-up are never
 * changed (Prefect's owner may be one of them).
 */
export async function setPasswords(
  client: Client,
  sql: SqlLibrary,
  roles: readonly RolePassword[],
  dryRun: boolean,
): Promise<readonly Did[]> {
  const ask: Ask = async (name, params = []) => (await client.query(sql.statement(name, 0), [...params])).rows[0];
  const did: Did[] = [];
  for (const role of roles) {
    const one = await setPassword(client, ask, role, dryRun);
    if (one) did.push(one);
  }
  return did;
}

async function setPassword(
  client: Client,
  ask: Ask,
  {role, variable, password}: RolePassword,
  dryRun: boolean,
): Promise<Did | undefined> {
  const state = await ask('setup/role_state', [role]);
  if (!state || state.is_superuser || state.is_self || !state.can_login) return undefined;
  const did = (result: string, object = role): Did => ({what: 'password', object: sanitise(object), result});
  const verifier = await knownVerifier(ask, role);
  const clear = password();
  if (clear === undefined && !verifier) {
    return did('not known: set the variable and run setup again, or use psql’s \\password', `${role} (${variable})`);
  }
  if (clear === undefined || (verifier !== undefined && isVerifierOf(verifier, clear))) return did('already there');
  if (dryRun) return did('would be set');
  try {
    await runTransaction(client, {}, async () => {
      await ask('setup/hold_verifier', [role, scramVerifier(clear)]);
      await ask('setup/set_verifier');
    });
    return did('set');
  } catch (error) {
    if (failureOf(error).sqlstate !== '42501') throw error;
    return did(`missing right: run as a superuser, or use psql’s \\password ${sanitise(role)}`);
  }
}

// '' for a role without a password, undefined if only a superuser may read it.
async function knownVerifier(ask: Ask, role: string): Promise<string | undefined> {
  try {
    return String((await ask('setup/role_verifier', [role]))?.verifier ?? '');
  } catch (error) {
    if (failureOf(error).sqlstate === '42501') return undefined;
    throw error;
  }
}
