import {CHANNEL_PREFIX} from '../bus/decode.ts';
import * as kinds from '../bus/kinds/index.ts';
import {BUS_RIGHTS, BUS_RIGHTS_IN_CLUSTER, STREAM_RIGHTS, STREAM_RIGHTS_IN_CLUSTER} from '../bus/rights.ts';
import {MOST_SHARDS, SHARDS_KEY, STREAM, shardsIn, streamKeys} from '../bus/streams.ts';
import {failureOf} from '../core/errors.ts';
import {bytes} from '../core/format.ts';
import {openRedis, type RedisClient} from '../io/redis.ts';
import {firstAnswer, redisProblem} from '../io/redis-answer.ts';
import {type RedisTarget, redisName} from '../io/targets.ts';
import {type Finding, failureFinding, finding} from './finding.ts';

const LIMIT_MS = 4000;
/** Redis' default hard limit: a subscriber that lags more bytes than this is disconnected. */
const BUFFER_BYTES = 32 * 1024 * 1024;
const CHANNELS = Object.values(kinds).map(kind => kind.channel);

/** Examines the bus. Publishes and writes nothing. */
export async function examineRedis(target: RedisTarget): Promise<readonly Finding[]> {
  const what = `Redis at ${redisName(target)}`;
  const client = openRedis(target, {name: 'tradetop doctor', offline: 'wait', subscribes: true});
  try {
    try {
      await firstAnswer(client);
    } catch (error) {
      const part = {id: 'redis', feature: 'trades, market data, sync', status: 'missing'} as const;
      return [failureFinding(part, redisProblem(target, error), error)];
    }
    const user = await userOf(client, target);
    const grant = (rights: string): string => `ACL SETUSER ${user} ${rights}`;
    const findings = [
      finding({id: 'redis', feature: 'everything live', status: 'ok', text: `${what} as ${user}`}),
      ...(await infoOf(client, grant)),
      await streamsOf(client, target, grant),
      ...(await limitsOf(client)),
    ];
    // Last, since a connection that has subscribed may do little else.
    return [...findings, await channelsOf(client, target, grant)];
  } finally {
    client.disconnect();
  }
}

type Grant = (rights: string) => string;

const call = (client: RedisClient, command: string, ...args: string[]): Promise<unknown> =>
  withLimit((client as unknown as {call(...words: string[]): Promise<unknown>}).call(command, ...args));

async function withLimit<T>(asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${LIMIT_MS / 1000} s`)), LIMIT_MS);
  });
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}

const userOf = (client: RedisClient, target: RedisTarget): Promise<string> =>
  call(client, 'ACL', 'WHOAMI')
    .then(String)
    .catch(() => target.user ?? 'default');

async function infoOf(client: RedisClient, grant: Grant): Promise<readonly Finding[]> {
  let info: string;
  try {
    info = String(await call(client, 'INFO'));
  } catch (error) {
    const part = {id: 'redis_info', feature: 'connection health', status: 'warn'} as const;
    return [
      {
        ...failureFinding(part, 'version, memory and clients are unknown: Redis denies INFO', error),
        remedy: remedyOf(grant('+info')),
      },
    ];
  }
  const field = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  const valkey = field('valkey_version');
  const version = valkey || field('redis_version');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const old = valkey === '' && (major < 6 || (major === 6 && minor < 2));
  const replica = field('role') === 'slave';
  return [
    finding({
      id: 'redis_version',
      feature: 'everything live',
      status: old ? 'missing' : 'ok',
      text: `${valkey ? 'Valkey' : 'Redis'} ${version}${old ? ': tradetop needs Redis 6.2 or newer' : ''}`,
      remedy: old ? 'install Redis 6.2 or newer, or Valkey' : undefined,
    }),
    finding({
      id: 'redis_role',
      feature: 'publishing, streams',
      status: replica ? 'warn' : 'ok',
      text: replica ? 'a replica: subscribing works, publishing does not' : 'a master',
      remedy: replica ? 'point REDIS_URL to the master or to the Sentinels' : undefined,
    }),
  ];
}

const inCluster = ({kind}: RedisTarget, rights: string, more: string): string =>
  kind === 'cluster' ? `${rights} ${more}` : rights;

async function streamsOf(client: RedisClient, target: RedisTarget, grant: Grant): Promise<Finding> {
  const part = {id: 'redis_stream', feature: 'sync --mode streams', status: 'warn'} as const;
  try {
    const answer = (await call(client, 'GET', SHARDS_KEY)) as string | null;
    const shards = shardsIn(answer);
    if (shards === undefined) {
      const text = `${SHARDS_KEY} is ${answer}, not a number from 1 to ${MOST_SHARDS}`;
      return finding({...part, text, remedy: `SET ${SHARDS_KEY} 1, or as many shards as there are`});
    }
    let type = 'none';
    for (const key of streamKeys(shards)) {
      type = String(await call(client, 'TYPE', key));
      if (type !== 'stream' && type !== 'none') {
        return finding({...part, text: `${key} is a ${type}, not a stream`, remedy: `RENAME ${key} ${key}_old`});
      }
      await call(client, 'XLEN', key);
    }
    const many = shards === 1 ? '' : ` with ${shards} shards`;
    return finding({...part, status: 'ok', text: `${STREAM}${many} ${type === 'none' ? 'can be created' : 'exists'}`});
  } catch (error) {
    const found = failureFinding(part, `${STREAM} cannot be read`, error);
    return {...found, remedy: remedyOf(grant(`${inCluster(target, STREAM_RIGHTS, STREAM_RIGHTS_IN_CLUSTER)} +type`))};
  }
}

/** Settings by which events can be lost; none where this user may not run CONFIG GET. */
async function limitsOf(client: RedisClient): Promise<readonly Finding[]> {
  const setting = async (name: string): Promise<string | undefined> => {
    const answer = await call(client, 'CONFIG', 'GET', name).catch(() => undefined);
    if (answer instanceof Map) return answer.get(name);
    if (Array.isArray(answer)) return answer[1];
    return (answer as Record<string, string> | undefined)?.[name];
  };
  const buffers = await setting('client-output-buffer-limit');
  const policy = await setting('maxmemory-policy');
  const hard = Number(/pubsub (\d+)/.exec(buffers ?? '')?.[1] ?? Number.NaN);
  const small = hard > 0 && hard < BUFFER_BYTES;
  const evicts = policy?.startsWith('allkeys') ?? false;
  return [
    ...(Number.isNaN(hard)
      ? []
      : [
          finding({
            id: 'redis_buffer',
            feature: 'trades, market data, sync',
            status: small ? 'warn' : 'ok',
            text: `a subscriber may lag ${hard === 0 ? 'without limit' : bytes(hard)}`,
            remedy: small ? "CONFIG SET client-output-buffer-limit 'pubsub 33554432 8388608 60'" : undefined,
          }),
        ]),
    ...(policy === undefined
      ? []
      : [
          finding({
            id: 'redis_eviction',
            feature: 'sync --mode streams',
            status: evicts ? 'warn' : 'ok',
            text: `maxmemory-policy ${policy}${evicts ? ': the stream itself may be evicted' : ''}`,
            remedy: evicts ? 'CONFIG SET maxmemory-policy noeviction' : undefined,
          }),
        ]),
  ];
}

async function channelsOf(client: RedisClient, target: RedisTarget, grant: Grant): Promise<Finding> {
  const part = {id: 'redis_channels', feature: 'trades, market data, sync'};
  const remedy = remedyOf(grant(inCluster(target, BUS_RIGHTS, BUS_RIGHTS_IN_CLUSTER)));
  const pattern = await tried(client.psubscribe(`${CHANNEL_PREFIX}*`));
  if (pattern === undefined)
    return finding({...part, status: 'ok', text: `may subscribe to every ${CHANNEL_PREFIX}* channel`});
  const refused: string[] = [];
  for (const channel of CHANNELS) if ((await tried(client.subscribe(channel))) !== undefined) refused.push(channel);
  if (refused.length > 0) {
    return {
      ...finding({...part, status: 'missing', text: `may not subscribe to ${refused.join(', ')} (${pattern})`}),
      remedy,
    };
  }
  const text = `may subscribe to ${CHANNELS.join(', ')}, but to no other ${CHANNEL_PREFIX}* channel (${pattern})`;
  return {...finding({...part, status: 'warn', text}), remedy};
}

const tried = (asked: Promise<unknown>): Promise<string | undefined> =>
  withLimit(asked).then(
    () => undefined,
    error => failureOf(error).message,
  );

const remedyOf = (command: string): Finding['remedy'] =>
  finding({id: '', feature: '', status: 'ok', text: '', remedy: command}).remedy;
