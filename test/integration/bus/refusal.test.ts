import {type AddressInfo, createServer, type Socket} from 'node:net';
import {afterEach, describe, expect, it} from 'vitest';
import {examineRedis} from '../../../src/doctor/redis.ts';
import {openRedis} from '../../../src/io/redis.ts';
import {firstAnswer, probeRedis, unusableRedis} from '../../../src/io/redis-answer.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server that says one thing to each client and closes, at once or when the client has spoken. */
async function refusing(reply: string, when: 'at once' | 'when spoken to') {
  const sockets: Socket[] = [];
  const server = createServer(socket => {
    sockets.push(socket.on('error', () => {}));
    if (when === 'at once') socket.end(`${reply}\r\n`, () => socket.destroy());
    else socket.once('data', () => socket.end(`${reply}\r\n`));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const {port} = server.address() as AddressInfo;
  return {port, connections: () => sockets.length};
}

const DENIED = '-DENIED Redis is running in protected mode and no password is set for it. In this mode: 1) do this.';
const FULL = '-ERR max number of clients reached';
const OTHER = '-ERR this server is for others';

describe('what a Redis says before it closes the connection', () => {
  it.each([
    [DENIED, 'at once', 'protected-mode in redis.conf'],
    [DENIED, 'when spoken to', 'protected-mode in redis.conf'],
    [FULL, 'at once', 'Raise maxclients'],
    [OTHER, 'at once', 'Check REDIS_URL'],
  ] as const)('%s, %s, is the reason, and a refusal', async (reply, when, next) => {
    const {port} = await refusing(reply, when);
    for (const auth of ['', 'user:hunter2@']) {
      const target = parseRedisUrl(`redis://${auth}127.0.0.1:${port}/0`);
      const said = await probeRedis(target).then(
        () => undefined,
        (error: unknown) => unusableRedis(target, error),
      );
      expect(said?.message).toBe(
        `Redis at 127.0.0.1:${port} refuses the connection: ${reply.slice(1).replace(/\. .*$/, '')}.`,
      );
      expect(said?.next).toContain(next);
      const [found] = await examineRedis(target);
      expect(found?.text).toContain(`refuses the connection: ${reply.slice(1).replace(/\. .*$/, '')}`);
    }
  });

  it('is waited out where it can end by itself', async () => {
    const {port, connections} = await refusing(FULL, 'at once');
    const client = openRedis(parseRedisUrl(`redis://127.0.0.1:${port}/0`), {name: 'a client', offline: 'fail'});
    cleanups.push(() => client.disconnect());
    const answer = firstAnswer(client, {retries: true, limitMs: 800}).catch((error: unknown) => error);
    await waitFor('another attempt', () => connections() > 1);
    expect(await answer).toMatchObject({message: FULL.slice(1)});
  });
});
