import type pg from 'pg';
import {afterEach, expect, it, vi} from 'vitest';
import {createLogin} from '../../src/io/pg-login.ts';

afterEach(() => vi.useRealTimers());

it.each([
  ['28P01', [1, 2]],
  ['ECONNREFUSED', [3, 4]],
] as const)(
  'a login that fails with %s is tried %j times by three that ask at once, and by one later',
  async (code, tried) => {
    vi.useFakeTimers({toFake: ['performance']});
    let asked = 0;
    const connect = async (): Promise<never> => {
      asked++;
      throw Object.assign(new Error('no'), {code});
    };
    const login = createLogin({connect} as unknown as pg.Pool);
    for (let i = 0; i < 3; i++) await expect(login()).rejects.toMatchObject({code});
    const first = asked;
    vi.advanceTimersByTime(500);
    await expect(login()).rejects.toMatchObject({code});
    expect([first, asked]).toEqual(tried);
  },
);
