import type {Redis} from 'ioredis';

/** The role of a server. `cutOff`: it is a replica without its master, so that published messages do not reach it. */
export type Role = {readonly kind: string; readonly cutOff: boolean};

/** Queries a server's role. `refused`: this user or connection may not run ROLE; undefined: there was no answer. */
export async function roleOf(client: Redis): Promise<Role | 'refused' | undefined> {
  try {
    const [kind, , , link] = (await client.call('ROLE')) as readonly unknown[];
    return {kind: String(kind), cutOff: kind === 'slave' && link !== 'connected'};
  } catch (error) {
    return REFUSED.test(String(error)) ? 'refused' : undefined;
  }
}

// A missing right; a renamed command; a subscribing RESP2 connection, in the words of Redis and of ioredis.
const REFUSED = /NOPERM|unknown command|Can't execute|subscriber mode/i;

/** Why a server no longer delivers everything, given its role when the connection was made; undefined: it does. */
export function unfit(before: Role | undefined, {kind, cutOff}: Role): string | undefined {
  if (before !== undefined && before.kind !== kind) return `the server became a ${kind === 'slave' ? 'replica' : kind}`;
  return cutOff ? 'the replica is cut off from its master' : undefined;
}

/**
 * Queries a server for signs of life, one at a time. Where ROLE is allowed and `judge` is given, the role is the sign
 * of life: a master that has become a replica has missed messages, and others publish elsewhere now.
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
