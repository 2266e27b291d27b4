import type {Redis} from 'ioredis';

/** What a server is, and whether it is a replica without its master: then what is published does not reach it. */
export type Role = {readonly kind: string; readonly cutOff: boolean};

/** Asks a server what it is. `refused`: the user, or the connection, may never ask; undefined: there was no answer. */
export async function roleOf(client: Redis): Promise<Role | 'refused' | undefined> {
  try {
    const [kind, , , link] = (await client.call('ROLE')) as readonly unknown[];
    return {kind: String(kind), cutOff: kind === 'slave' && link !== 'connected'};
  } catch (error) {
    return REFUSED.test(String(error)) ? 'refused' : undefined;
  }
}

// A missing right; a command that was renamed; a connection of RESP2 that subscribes, as Redis and as ioredis say it.
const REFUSED = /NOPERM|unknown command|Can't execute|subscriber mode/i;

/** Why a server that was of that kind when it was entered does not bring everything any more; undefined: it does. */
export function unfit(before: Role | undefined, {kind, cutOff}: Role): string | undefined {
  if (before !== undefined && before.kind !== kind) return `the server became a ${kind === 'slave' ? 'replica' : kind}`;
  return cutOff ? 'the replica is cut off from its master' : undefined;
}

/**
 * Asks a server for a sign of life, one at a time. Where it may be asked what it is (`judge` given, and the right to),
 * that is the sign: a server that was a master and is a replica now has missed what was published until it was one, and
 * others listen elsewhere.
 */
export function createPing(
  client: Redis,
  epoch: () => number,
  judge: ((role: Role) => boolean) | undefined,
): () => Promise<boolean> {
  let asks = judge !== undefined;
  let pinging = -1;
  const sign = async (mine: number): Promise<boolean> => {
    const role = asks ? await roleOf(client) : undefined;
    if (mine !== epoch()) return false;
    if (role === 'refused') asks = false;
    else if (role && judge) return judge(role);
    return client.ping().then(
      () => true,
      () => false,
    );
  };
  return async () => {
    const mine = epoch();
    if (client.status !== 'ready' || pinging === mine) return false;
    pinging = mine;
    const answered = await sign(mine);
    if (pinging === mine) pinging = -1;
    return answered && mine === epoch();
  };
}
