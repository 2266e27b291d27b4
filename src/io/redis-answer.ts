import {failureOf, UserError} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {openRedis, type RedisClient} from './redis.ts';
import {type RedisTarget, redisName} from './targets.ts';

type FirstAnswerOptions = {
  /** Longest wait in milliseconds. Default 4,000. */
  readonly limitMs?: number;
  /**
   * Lets the client try again until the limit; only a refusal (password, rights) ends the wait at once. Default false:
   * the first error is the answer.
   */
  readonly retries?: boolean;
};

const ANSWER_MS = 4000;

/**
 * Waits until Redis has answered a PING: the client is connected, logged in and heard. Rejects with what the server or
 * the network has against it, after the limit with the last error or with `no answer within …`.
 */
export async function firstAnswer(client: RedisClient, options: FirstAnswerOptions = {}): Promise<void> {
  const {limitMs = ANSWER_MS, retries = false} = options;
  const {promise, resolve, reject} = Promise.withResolvers<void>();
  let last: unknown = Object.assign(new Error(`no answer within ${limitMs / 1000} s`), {code: 'ETIMEDOUT'});
  const onError = (error: unknown): void => {
    last = error;
    const {why, retry} = failureOf(error);
    if (!retries || (why === 'denied' && !retry)) reject(error);
  };
  const ask = (): void => void client.ping().then(() => resolve(), onError);
  client.on('error', onError);
  client.on('ready', ask);
  if (client.status === 'ready') ask();
  const timer = setTimeout(() => reject(last), limitMs);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    client.off('error', onError);
    client.off('ready', ask);
  }
}

/** Connects, waits for the first answer and leaves. Rejects as `firstAnswer` does. */
export async function probeRedis(target: RedisTarget, options: FirstAnswerOptions = {}): Promise<void> {
  const client = openRedis(target, {name: 'tradetop probe', offline: 'wait'});
  try {
    await firstAnswer(client, options);
  } finally {
    client.disconnect();
  }
}

/**
 * The connection's own last error, undefined while it is connected: a command's error says only that it was not sent.
 */
export function lastErrorOf(client: RedisClient): () => unknown {
  let last: unknown;
  client.on('error', (error: unknown) => {
    last = error;
  });
  client.on('ready', () => {
    last = undefined;
  });
  return () => last;
}

/** `Redis at HOST:PORT does not answer`, or that it refuses the connection. */
export function redisProblem(target: RedisTarget, error: unknown): string {
  const {why} = failureOf(error);
  const answers = why !== 'down' && why !== 'timeout';
  return `Redis at ${redisName(target)} ${answers ? 'refuses the connection' : 'does not answer'}`;
}

/** Says in one sentence why Redis cannot be used, and what to do next. */
export function unusableRedis(target: RedisTarget, error: unknown): UserError {
  if (error instanceof UserError) return error;
  return new UserError(
    `${redisProblem(target, error)}: ${redisWords(error, target.password()).replace(/\.$/, '')}.`,
    failureOf(error).next || 'Check REDIS_URL, or REDIS_HOST and REDIS_PORT.',
  );
}

/** The words of a Redis error, without the command's arguments and without the password. */
export function redisWords(error: unknown, password: string | undefined): SafeText {
  const message = failureOf(error).message.replace(/,? with args beginning with:.*$/s, '');
  return sanitise(password ? message.replaceAll(password, '…') : message, 300);
}
