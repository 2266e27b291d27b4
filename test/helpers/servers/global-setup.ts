import {createServer, type Socket} from 'node:net';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import type {TestProject} from 'vitest/node';
import {clearTempDir, makeOwnedTempDir, sweepOrphans} from '../../../src/demo/orphans.ts';
import {type PostgresServer, startPostgres} from '../../../src/demo/postgres.ts';
import {type RedisServer, startRedis} from '../../../src/demo/redis.ts';
import {startGuard} from './guard.ts';
import type {Answer, Question, Servers} from './servers.ts';

const PREFIX = 'tradetop-test-';

/**
 * Provides one PostgreSQL and one Redis for the whole test run, started by the first test that asks for them, so that a
 * run of unit tests alone starts nothing. Test files ask over a socket in the run's private directory; what a test file
 * started for itself is cleared when its connection closes, however its process ended. A guard clears everything when
 * this process dies. TRADETOP_TEST_PG_BIN names the bin directory of a PostgreSQL other than the package's.
 */
export default async function globalSetup(project: TestProject): Promise<() => Promise<void>> {
  await sweepOrphans(PREFIX);
  const tempDir = await makeOwnedTempDir(PREFIX);
  const guard = startGuard(tempDir.dir);
  const binDir = process.env.TRADETOP_TEST_PG_BIN;
  const postgres = () => startPostgres({tempDir, ...(binDir ? {binDir} : {})});
  const run = runServers(() => Promise.all([postgres(), startRedis({tempDir})]));
  const server = createServer(socket => serve(socket, run));
  await new Promise<void>(resolve => server.listen(join(tempDir.dir, 'ask.sock'), resolve));
  project.provide('testRun', tempDir.dir);
  return async () => {
    server.close();
    await run.stop();
    await clearTempDir(tempDir.dir);
    guard.release();
  };
}

type Run = {readonly servers: () => Promise<Servers>; readonly stop: () => Promise<void>};

function runServers(start: () => Promise<readonly [PostgresServer, RedisServer]>): Run {
  let started: ReturnType<typeof start> | undefined;
  return {
    servers: async () => {
      started ??= start();
      const [postgres, redis] = await started;
      const {host, port, user, password, majorVersion, dir} = postgres;
      return {
        postgres: {host, port, user, password, majorVersion, dir},
        redis: {host: redis.host, port: redis.port, password: redis.password, url: redis.url, version: redis.version},
      };
    },
    stop: async () => {
      const running = await started?.catch(() => undefined);
      await Promise.all(running?.map(server => server.stop()) ?? []);
    },
  };
}

function serve(socket: Socket, run: Run): void {
  const tempDirs = new Set<string>();
  socket.on('error', () => {});
  socket.on('close', () => tempDirs.forEach(dir => void clearTempDir(dir)));
  createInterface({input: socket}).on('line', async line => {
    const question = JSON.parse(line) as Question;
    const answer = await reply(question, run, tempDirs).catch(error => ({error: String(error?.message ?? error)}));
    if (!socket.destroyed) socket.write(`${JSON.stringify({id: question.id, ...answer})}\n`);
  });
}

async function reply(question: Question, run: Run, tempDirs: Set<string>): Promise<Omit<Answer, 'id'>> {
  if (question.ask === 'servers') return {servers: await run.servers()};
  if (question.ask === 'keep') tempDirs.add(question.dir);
  else tempDirs.delete(question.dir);
  return {};
}
