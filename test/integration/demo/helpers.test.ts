import {connect, createServer, type Socket} from 'node:net';
import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type FaultProxy, startProxy} from '../../helpers/servers/proxy.ts';
import {freshDatabase, ownPostgres, ownRedis, servers} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

describe('the shared servers of a test run', () => {
  test('are the same for every test, at once or later', async () => {
    const [first, second] = await Promise.all([servers(), servers()]);
    expect(await servers()).toEqual(first);
    expect(second).toEqual(first);
    const redis = new Redis(first.redis.url);
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
  });

  test('a fresh database is empty, private, and gone when dropped', async () => {
    const [one, two] = await Promise.all([freshDatabase(), freshDatabase()]);
    const ask = async (database: typeof one, sql: string): Promise<readonly unknown[]> => {
      const client = new pg.Client(database.config);
      await client.connect();
      try {
        return (await client.query(sql)).rows;
      } finally {
        await client.end();
      }
    };
    await ask(one, 'CREATE TABLE here (n int)');
    expect(await ask(two, "SELECT to_regclass('here') AS here")).toEqual([{here: null}]);
    await one.drop();
    await expect(ask(one, 'SELECT 1')).rejects.toMatchObject({code: '3D000'});
    await two.drop();
  });

  test('private servers are others, and can be killed and restarted', async () => {
    const [postgres, redis] = await Promise.all([ownPostgres(), ownRedis()]);
    expect(postgres.port).not.toBe((await servers()).postgres.port);
    const before = [postgres.pid, redis.pid];
    await Promise.all([postgres.kill9(), redis.kill9()]);
    await Promise.all([postgres.restart(), redis.restart()]);
    expect([postgres.pid, redis.pid]).not.toEqual(before);
    await Promise.all([postgres.stop(), redis.stop()]);
  });
});

describe('the fault proxy', () => {
  let proxy: FaultProxy;
  const echo = createServer(socket => void socket.on('error', () => {}).pipe(socket));
  beforeAll(async () => {
    await new Promise<void>(resolve => echo.listen(0, '127.0.0.1', resolve));
    proxy = await startProxy({host: '127.0.0.1', port: (echo.address() as {port: number}).port});
  });
  afterAll(async () => {
    await proxy.close();
    echo.close();
  });
  type Talk = {
    readonly socket: Socket;
    readonly seen: () => string;
    readonly error: () => string;
    readonly pieces: () => number;
  };
  const talk = (): Talk => {
    let [seen, error, pieces] = ['', '', 0];
    const socket = connect(proxy.port, '127.0.0.1').setNoDelay(true);
    socket.on('data', data => {
      seen += data;
      pieces += 1;
    });
    socket.on('error', e => (error = (e as NodeJS.ErrnoException).code ?? 'error'));
    return {socket, seen: () => seen, error: () => error, pieces: () => pieces};
  };

  test('pass forwards, in slices on request', async () => {
    const one = talk();
    one.socket.write('hello');
    await waitFor('the echo', () => one.seen() === 'hello');
    await proxy.set('pass', {sliceBytes: 1, latencyMs: 5});
    one.socket.write('world');
    await waitFor('the sliced echo', () => one.seen() === 'helloworld');
    expect(one.pieces()).toBeGreaterThan(2);
    await proxy.set('pass');
    one.socket.end();
    await waitFor('the end to be forwarded', () => one.socket.closed && proxy.counts().open === 0);
  });

  test('blackhole holds everything back, then forwards it in order', async () => {
    const one = talk();
    one.socket.write('a');
    await waitFor('the first echo', () => one.seen() === 'a');
    await proxy.set('blackhole');
    const two = talk();
    await waitFor('a connection in the hole', () => two.socket.readyState === 'open');
    one.socket.write('b');
    two.socket.write('x');
    const control = connect((echo.address() as {port: number}).port, '127.0.0.1');
    control.end('round trip');
    await waitFor('a round trip beside the proxy', () => control.resume().closed);
    expect([one.seen(), two.seen(), one.socket.destroyed]).toEqual(['a', '', false]);
    await proxy.set('pass');
    await waitFor('what was held back', () => one.seen() === 'ab' && two.seen() === 'x');
    one.socket.destroy();
    two.socket.destroy();
  });

  test('frozen forgets the open connections and serves new ones', async () => {
    const old = talk();
    old.socket.write('a');
    await waitFor('the first echo', () => old.seen() === 'a');
    await proxy.set('frozen');
    old.socket.write('b');
    const fresh = talk();
    fresh.socket.write('c');
    await waitFor('the new connection’s echo', () => fresh.seen() === 'c');
    expect([old.seen(), old.socket.destroyed]).toEqual(['a', false]);
    await proxy.set('reset');
    await waitFor('both to be reset', () => old.error() === 'ECONNRESET' && fresh.error() === 'ECONNRESET');
  });

  test('reset breaks connections, refuse does not listen, and both recover on the same port', async () => {
    await proxy.set('pass');
    const one = talk();
    one.socket.write('a');
    await waitFor('the echo', () => one.seen() === 'a');
    await proxy.set('refuse');
    await waitFor('the reset', () => one.error() === 'ECONNRESET');
    const two = talk();
    await waitFor('the refusal', () => two.error() === 'ECONNREFUSED');
    await proxy.set('reset');
    const three = talk();
    await waitFor('the reset of a new connection', () => three.error() === 'ECONNRESET');
    await proxy.set('pass');
    const four = talk();
    four.socket.write('d');
    await waitFor('the echo after healing', () => four.seen() === 'd');
    four.socket.destroy();
  });
});

test('a wait that fails reports what it waited for and what it saw last', async () => {
  await expect(waitFor('the tide', () => 0 > 1, 30)).rejects.toThrow('waited 30 ms for the tide; it was false');
  const fail = () => Promise.reject(new Error('low'));
  await expect(waitFor('the tide', fail, 30)).rejects.toThrow('waited 30 ms for the tide; it failed with: low');
});
