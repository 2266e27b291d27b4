import fc from 'fast-check';
import pino from 'pino';
import {describe, expect, it} from 'vitest';
import {isSecretName, redactText} from '../../src/core/redact.ts';
import {secret} from '../../src/core/secret.ts';
import {createAccountMask} from '../../src/io/account-mask.ts';
import {createLogQueue} from '../../src/service/log-queue.ts';
import {LOG_LEVELS, logRow, type SystemLogRow} from '../../src/service/log-row.ts';
import {createLogWriter} from '../../src/service/log-writer.ts';
import {createServiceLog} from '../../src/service/service-log.ts';

const AT = Date.UTC(2026, 10, 22) * 1000;
const rowOf = (fields: object): SystemLogRow => logRow(JSON.stringify(fields), 'execution', () => AT);
const row = (level: SystemLogRow['level'], message: string): SystemLogRow => ({...rowOf({msg: message}), level});
const messages = (rows: readonly SystemLogRow[]) => rows.map(({message}) => message).join(' ');

describe('a line of the log', () => {
  it('becomes a row: levels by their names, columns of their own, the rest as context with its digits', () => {
    const line =
      '{"level":50,"time":"2026-11-22T09:00:00.123456Z","pid":7,"event_type":"fill","correlation_id":"T-1","price":9007199254740993.10,"n":1,"msg":"filled"}';
    expect(logRow(line, 'execution')).toEqual({
      at: Date.UTC(2026, 10, 22, 9) * 1000 + 123_456,
      service: 'execution',
      level: 'ERROR',
      eventType: 'fill',
      message: 'filled',
      correlationId: 'T-1',
      context: '{"price":9007199254740993.10,"n":1}',
    });
    expect([10, 20, 30, 35, 40, 50, 60, 99, 'x'].map(level => rowOf({level}).level)).toEqual(
      'DEBUG DEBUG INFO INFO WARNING ERROR CRITICAL CRITICAL INFO'.split(' '),
    );
    expect(rowOf({service: 'risk', err: {message: 'gone'}})).toMatchObject({service: 'risk', message: 'gone', at: AT});
  });

  it('is cut to what the columns take, and never throws', () => {
    const huge = rowOf({msg: 'x'.repeat(1_000_000), correlation_id: 'c'.repeat(500), service: 's'.repeat(99)});
    expect([huge.message.length, huge.correlationId?.length, huge.service.length]).toEqual([8192, 100, 50]);
    expect(huge.context).toMatch(/^\{"cut":\d+\}$/);
    expect(rowOf({msg: '', a: 'y'.repeat(20_000), b: 'z'.repeat(20_000), c: 1}).context?.length).toBeLessThan(32_768);
    expect(rowOf({msg: 'a\0b\ud800', 'k\0': ['\0', {'\ud800': 1}]})).toMatchObject({
      message: 'ab�',
      context: '{"k":["",{"�":1}]}',
    });
    expect(logRow('no JSON password=secret', 's').message).toBe('no JSON password=***');
    fc.assert(fc.property(fc.string(), line => typeof logRow(line, 's').message === 'string'));
    fc.assert(
      fc.property(fc.object(), fields => {
        const {context} = rowOf(fields);
        expect(context === null || !context.includes('\\u0000')).toBe(true);
      }),
    );
  });

  it('shows no secret, by the name of its field or by its form', () => {
    const {message, context} = rowOf({
      msg: 'redis://desk:hunter2@redis:6379/0 failed, password = "hunter2", Authorization: Bearer hunter2hunter2',
      dbPassword: 'hunter2',
      webhook_token: 4711,
      nested: [{'api-key': {of: 'hunter2'}}, 'postgres://u:hunter2@h/db', 'PGPASSWORD=hunter2'],
    });
    expect(`${message} ${context}`).not.toContain('hunter2');
    expect(context).not.toContain('4711');
    expect(message).toContain('redis://***@redis:6379/0');
    expect(['symbol', 'passenger', 'author', 'price'].filter(isSecretName)).toEqual([]);
    const plain = "The desk’s set price can't be 10:30, a@b";
    expect(redactText(plain)).toBe(plain);
  });
});

describe('lines that wait', () => {
  it('go in the order in which they came, and in front again where they could not be written', () => {
    const queue = createLogQueue();
    for (const [i, level] of [...LOG_LEVELS, ...LOG_LEVELS].entries()) queue.add(row(level, String(i)));
    const first = queue.take(4);
    expect(messages(first)).toBe('0 1 2 3');
    queue.add(row('DEBUG', '10'));
    queue.putBack(first);
    expect(messages(queue.take(99))).toBe('0 1 2 3 4 5 6 7 8 9 10');
    expect(queue.lost()).toBeUndefined();
  });

  it('are bounded: the oldest of the lowest level are lost first, and counted until that was told', () => {
    const queue = createLogQueue(3);
    for (const [i, level] of (['INFO', 'DEBUG', 'ERROR', 'DEBUG', 'INFO'] as const).entries()) {
      queue.add(row(level, String(i)));
    }
    const lost = queue.lost();
    expect(lost?.of).toEqual({DEBUG: 2});
    queue.add(row('ERROR', '5'));
    queue.add(row('DEBUG', '6'));
    expect(messages(queue.take(9))).toBe('2 4 5');
    queue.told({since: 0, of: {DEBUG: 2}});
    expect(queue.lost()?.of).toEqual({INFO: 1, DEBUG: 1});
  });

  it('hold at most so many bytes', () => {
    const queue = createLogQueue(1000, 10_000);
    for (let i = 0; i < 20; i++) queue.add(row('INFO', 'x'.repeat(1000)));
    expect(queue.size()).toBe(4);
  });

  it('lose only the rows that the table refuses', async () => {
    const taken: string[] = [];
    const writer = createLogWriter({
      service: 's',
      everyMs: 60_000,
      onError: () => {},
      write: async rows => {
        if (rows.some(({message}) => message === 'bad')) throw Object.assign(new Error('no'), {code: '22P05'});
        taken.push(...rows.map(({message}) => message));
      },
    });
    for (const message of ['a', 'b', 'bad', 'c', 'd']) writer.add(row('INFO', message));
    await writer.flush();
    expect(taken.slice(0, 4)).toEqual(['a', 'b', 'c', 'd']);
    expect(taken[4]).toMatch(/^1 log line was lost \(1 INFO\)/);
    expect(writer.counts()).toEqual({written: 4, waiting: 0, lost: 1});
  });
});

describe('a service’s log', () => {
  it('survives whatever is logged, and whatever the database and its listeners do', async () => {
    const errors: unknown[] = [];
    const log = createServiceLog(
      {query: async () => Promise.reject(Object.assign(new Error('away'), {code: 'ECONNREFUSED'}))} as never,
      {
        service: 'execution',
        everyMs: 60_000,
        also: {
          write: () => {
            throw new Error('no screen');
          },
        },
        onError: error => {
          errors.push(error);
          throw new Error('a bad listener');
        },
      },
    );
    const ring: Record<string, unknown> = {big: 12_345_678_901_234_567_890n};
    ring.self = ring;
    log.logger.info(ring, 'a ring');
    log.logger.info({price: 1n});
    log.logger.error(new Error('an error'));
    log.logger.warn(
      {
        get broken() {
          throw new Error('getter');
        },
      },
      'a getter',
    );
    pino({}, log.stream).info('of another pino');
    expect(log.counts()).toEqual({written: 0, waiting: 5, lost: 0});
    await log.flush();
    expect(errors).toHaveLength(1);
    expect(await log.close(10)).toBe(5);
  });

  it('keeps the correlation id through awaits, below the line’s own', async () => {
    const lines: string[] = [];
    const log = createServiceLog({query: async () => ({rows: []})} as never, {
      service: 's',
      also: {write: line => lines.push(line)},
    });
    await log.withCorrelation('T-1', async () => {
      await new Promise(resolve => setImmediate(resolve));
      log.logger.info('inside');
      log.logger.child({correlation_id: 'T-2'}).info('a child');
      expect(log.correlationId()).toBe('T-1');
    });
    log.logger.info('outside');
    expect(lines.map(line => logRow(line, 's').correlationId)).toEqual(['T-1', 'T-2', null]);
    expect(log.correlationId()).toBeUndefined();
    await log.close();
  });
});

describe('account ids', () => {
  const key = secret('0123456789abcdef');
  const last3 = () => createAccountMask({mode: 'last3'});
  const lineOf = (fields: object, mask = last3()) => mask.line(JSON.stringify(fields));

  it('are masked in the row and in the file alike, in fields by name and wherever else they stand', async () => {
    const lines: string[] = [];
    const asked: unknown[] = [];
    const pool = {query: async (query: unknown) => asked.push(query)};
    const log = createServiceLog(pool as never, {
      service: 'execution',
      maskAccounts: {mode: 'last3'},
      also: {write: line => lines.push(line)},
    });
    log.logger.warn(
      {account_id: 'ACC-0042', order: {accountId: 'ACC-0043'}, accounts: ['ACC-0044', 12_345], price: '1.10'},
      'ACC-0042, ACC-0043/AAPL\nACC-0044: "ACC-00421" stays',
    );
    log.logger.info('later: ACC-0042.');
    await log.close();
    const written = JSON.stringify(asked) + lines.join('');
    expect(written).not.toMatch(/ACC-004[234](?!\d)|12345/);
    expect(written).toContain('ACC-00421');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      account_id: '***042',
      order: {accountId: '***043'},
      accounts: ['***044', '***345'],
      price: '1.10',
      msg: '***042, ***043/AAPL\n***044: "ACC-00421" stays',
    });
    expect(lines[1]).toContain('later: ***042.');
  });

  it('can be joined by a keyed hash, and a short one is never shown', () => {
    const mask = createAccountMask({mode: 'hash', key});
    const [one, same] = [lineOf({account: 'ACC-1'}, mask), lineOf({msg: 'of ACC-1'}, mask)];
    const hash = /account-[0-9a-f]{12}/.exec(one)?.[0] ?? '';
    expect(same).toBe(`{"msg":"of ${hash}"}`);
    expect(lineOf({account: 'ACC-1'}, createAccountMask({mode: 'hash', key: secret('another key, as long')}))).not.toBe(
      one,
    );
    expect([
      lineOf({account: '7'}),
      lineOf({account_id: 7}),
      lineOf({account: null}),
      lineOf({accountant: 'x'}),
    ]).toEqual(['{"account":"***"}', '{"account_id":"***"}', '{"account":null}', '{"accountant":"x"}']);
    expect(lineOf({body: JSON.stringify({account_id: 'ACC-9'}), msg: 'A B'})).not.toContain('ACC-9');
    expect(lineOf({account: 'desk #1 "x"', msg: 'of desk #1 "x"'})).not.toContain('desk #1');
  });

  it('leave every line the JSON that it was', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('account', 'msg', 'account_id', 'x'), fc.jsonValue()), fields => {
        expect(() => JSON.parse(lineOf(fields))).not.toThrow();
      }),
    );
  });
});
