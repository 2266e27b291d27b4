import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import {createLanes, inLanes} from '../../src/io/lanes.ts';

const late = new Error('Query read timeout');
const refused = Object.assign(new Error('connect ECONNREFUSED'), {code: 'ECONNREFUSED'});
const cancelled = Object.assign(new Error('canceling statement'), {code: '57014'});

/** A pool of one turn, whose connections come when the test says so. */
function pool(limit = 1) {
  const logins: PromiseWithResolvers<number>[] = [];
  const lanes = createLanes(
    () => limit,
    () => 1000,
  );
  const withClient = inLanes<number>(async use => {
    const login = Promise.withResolvers<number>();
    logins.push(login);
    return use(await login.promise);
  }, lanes);
  const fates: string[] = [];
  return {
    lanes,
    logins,
    fates,
    /** Asks something under a name; what becomes of it is written down under `fates`. */
    ask: (name: string) => {
      const answer = Promise.withResolvers<void>();
      withClient(() => answer.promise).then(
        () => fates.push(`${name} answered`),
        (error: Error) => fates.push(`${name}: ${error.message}`),
      );
      return answer;
    },
  };
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the turns at the connections of a pool', () => {
  it('leave those that wait their turn, where one answer was late and the server is heard', async () => {
    const {ask, logins, fates, lanes} = pool();
    const [first, second, third] = [ask('first'), ask('second'), ask('third')];
    await settle();
    logins[0]?.resolve(1);
    await settle();
    first.reject(late);
    await settle();
    expect(fates).toEqual(['first: Query read timeout']);
    logins[1]?.resolve(2);
    lanes.heard();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fates).toEqual(['first: Query read timeout']);
    second.resolve();
    await settle();
    logins[2]?.resolve(3);
    await settle();
    third.reject(cancelled);
    await settle();
    expect(fates.slice(1)).toEqual(['second answered', 'third: canceling statement']);
  });

  it('are lost together where the server is silent after an answer that was late', async () => {
    const {ask, logins, fates} = pool();
    const first = ask('first');
    for (const name of ['connecting', 'waiting', 'waiting too']) ask(name);
    await settle();
    logins[0]?.resolve(1);
    await settle();
    first.reject(late);
    await vi.advanceTimersByTimeAsync(999);
    expect(fates).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(fates.slice(1).sort()).toEqual(['connecting', 'waiting too', 'waiting'].map(n => `${n}: ${late.message}`));
  });

  it('are lost at once where no connection can be had', async () => {
    const {ask, logins, fates} = pool();
    for (const name of ['first', 'second', 'third']) ask(name);
    await settle();
    logins[0]?.reject(refused);
    await settle();
    expect(fates.sort()).toEqual(['first', 'second', 'third'].map(name => `${name}: ${refused.message}`));
  });

  it('are not lost with a connection that breaks, nor with one that has its answer still to come', async () => {
    const {ask, logins, fates} = pool(2);
    const [first, second] = [ask('first'), ask('second')];
    ask('third');
    await settle();
    for (const login of logins) login.resolve(1);
    await settle();
    first.reject(Object.assign(new Error('read ECONNRESET'), {code: 'ECONNRESET'}));
    await settle();
    logins[2]?.reject(refused);
    await settle();
    expect(fates).toEqual(['first: read ECONNRESET', 'third: connect ECONNREFUSED']);
    second.resolve();
    await settle();
    expect(fates.at(-1)).toBe('second answered');
  });

  it('are given back when the connection of one that was lost comes after all', async () => {
    const {ask, logins, fates, lanes} = pool();
    ask('lost');
    await settle();
    lanes.fail(late);
    await settle();
    ask('next').resolve();
    await settle();
    expect([fates.length, logins.length]).toEqual([1, 1]);
    logins[0]?.resolve(1);
    await settle();
    logins[1]?.resolve(2);
    await settle();
    expect(fates).toEqual([`lost: ${late.message}`, 'next answered']);
  });
});
