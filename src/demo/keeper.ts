import {once} from 'node:events';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import type {Readable, Writable} from 'node:stream';
import {UserError} from '../core/errors.ts';
import {nextSignal} from '../io/signals.ts';
import {createIncidentRunner, type IncidentRunner} from './incidents/runner.ts';
import {sceneOf} from './incidents/scene.ts';
import {type DemoPlan, type KeeperMessage, planSchema, toggleSchema} from './message.ts';
import {clearTempDir, makeOwnedTempDir, sweepOrphans} from './orphans.ts';
import {ended} from './pipe.ts';
import {type PostgresServer, startPostgres} from './postgres.ts';
import {type RedisServer, startRedis} from './redis.ts';
import {needRedis} from './redis-program.ts';
import {type DemoService, type RunningService, startService} from './service.ts';
import type {TempDir} from './temp-dir.ts';
import type {Templates} from './template.ts';

const DEMO_PREFIX = 'tradetop-demo-';

/** What the layers above supply: the set-up of the servers, and the services that run on them. */
export type KeeperJob = {
  /** The kept clusters of demos with these settings. */
  readonly templates: (settings: Readonly<Record<string, string>>) => Promise<Templates>;
  /** Sets the servers up; one that began as a template has been set up, but for its passwords. Returns the variables that services and console connect with. */
  readonly setUp: (servers: DemoServers, report: Report) => Promise<Readonly<Record<string, string>>>;
  /** What to run as separate processes once the servers are set up. */
  readonly services: (
    plan: DemoPlan,
    env: Readonly<Record<string, string>>,
  ) => {readonly feed: DemoService; readonly sync: DemoService};
  /** Runs scheduled maintenance in this process until the signal aborts, with its log in a file. Never rejects. */
  readonly maintain: (env: Readonly<Record<string, string>>, logFile: string, signal: AbortSignal) => Promise<void>;
};

/** An incident of the plan begins when the desk has shown what is usual for it. */
const USUAL_MS = 30_000;

export type DemoServers = {readonly postgres: PostgresServer; readonly redis: RedisServer; readonly tempDir: TempDir};
export type Report = (message: KeeperMessage) => void;

type Pipes = {readonly input: Readable; readonly output: Writable};

/**
 * The keeper's main function: it starts the servers and services of a demo, reports how to reach them, and waits. When
 * its input ends (the console has ended, for whatever reason) or a signal asks it to end, it stops and removes
 * everything. Returns the exit code.
 */
export async function runKeeper(job: KeeperJob, {input, output}: Pipes): Promise<number> {
  // A console that has died already does not read: the end of the input shows it.
  output.on('error', () => {});
  const report: Report = message => void output.write(`${JSON.stringify(message)}\n`);
  const lines = createInterface({input});
  const over = Promise.race([ended(input), nextSignal().code]).then(() => undefined);
  const first = await Promise.race([once(lines, 'line'), over]);
  if (!first) return 0;
  const plan = planSchema.parse(JSON.parse(first[0]));
  await sweepOrphans(DEMO_PREFIX);
  const tempDir = await makeOwnedTempDir(DEMO_PREFIX);
  report({kind: 'temp_dir', dir: tempDir.dir});
  const up = start(job, plan, tempDir, report).catch(error => report(failureOf(error)));
  const running = await Promise.race([up, over]);
  if (running) {
    const toggle = (name: string): void => void running.incidents.toggle(name);
    lines.on('line', line => toggle(toggleSchema.parse(JSON.parse(line)).toggle));
    const planned = setTimeout(() => plan.incidents?.forEach(toggle), USUAL_MS);
    await over;
    clearTimeout(planned);
    await running.stop();
  }
  await clearTempDir(tempDir.dir);
  return running ? 0 : 2;
}

const failureOf = (error: unknown): KeeperMessage =>
  error instanceof UserError
    ? {kind: 'failed', message: error.message, next: error.next, bug: false}
    : {kind: 'failed', message: (error as Error)?.stack ?? String(error), next: '', bug: true};

type Running = {
  readonly incidents: IncidentRunner;
  /** Stops everything in the reverse order. */
  readonly stop: () => Promise<void>;
};

/** Starts everything. */
async function start(job: KeeperJob, plan: DemoPlan, tempDir: TempDir, report: Report): Promise<Running> {
  const onExit = (what: string) => report({kind: 'lost', what});
  const redisReady = needRedis({say: text => report({kind: 'say', text})}).then(program =>
    step('Redis', report, () => startRedis({tempDir, program, onExit})),
  );
  const settings = {autovacuum_naptime: '15s'};
  const templates = await job.templates(settings);
  const postgresReady = step('PostgreSQL', report, async () =>
    startPostgres({tempDir, settings, onExit, template: await templates.find()}),
  );
  const [postgres, redis] = await Promise.all([postgresReady, redisReady]);
  const env = await job.setUp({postgres, redis, tempDir}, report);
  if (!postgres.fromTemplate) await postgres.whileStopped(dir => templates.keep(dir, postgres.password));
  const envFile = await writeEnvFile(tempDir, env);
  const wanted = job.services(plan, env);
  const [sync, feed] = (await Promise.all(
    [wanted.sync, wanted.feed].map(service => startService(service, tempDir, onExit)),
  )) as [RunningService, RunningService];
  report({kind: 'ready', env, envFile});
  const ending = new AbortController();
  void job.maintain(env, join(tempDir.dir, 'maintain.log'), ending.signal);
  return {
    incidents: createIncidentRunner(sceneOf({postgres, redis}, env, {feed, sync}), report),
    stop: async () => {
      ending.abort();
      await Promise.all([sync.stop(), feed.stop()]);
      await Promise.all([postgres.stop('immediate'), redis.stop()]);
    },
  };
}

// For other programs, by `tradetop snapshot --env-file FILE` or a shell's `set -a; . FILE`.
async function writeEnvFile({dir}: TempDir, env: Readonly<Record<string, string>>): Promise<string> {
  const file = join(dir, 'demo.env');
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(file, lines.join(''), {mode: 0o600});
  return file;
}

/** Runs one step and reports how long it took. */
export async function step<T>(title: string, report: Report, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  report({kind: 'step', title, ms: Math.round(performance.now() - start)});
  return result;
}
