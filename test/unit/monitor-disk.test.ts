import {expect, it} from 'vitest';
import {diskPoller} from '../../src/monitor/disk.ts';
import {fakeClock} from '../helpers/state/fake-clock.ts';

it('a full disk is full until a file can be written, which then leaves no empty one behind', async () => {
  const clock = fakeClock();
  const begin = clock.now();
  const asked: string[] = [];
  let answer: () => void = () => {};
  const trading = {
    pgVersion: () => 18,
    query: async (sql: string) => {
      asked.push(sql);
      answer();
      return [];
    },
  };
  const read = diskPoller.reader();
  const reading = async () => {
    await clock.pass(5000);
    const {disk} = await read({trading} as never, {slowMs: 1000, prefectDatabase: 'prefect'}, clock);
    return disk;
  };
  const fails = (code: string, message: string) => () => {
    throw Object.assign(new Error(message), {code});
  };
  expect(await reading()).toEqual([{fullSince: undefined}]);
  answer = fails('53100', 'could not write to file: No space left on device');
  const full = [{fullSince: begin + 10e6}];
  expect([await reading(), await reading()]).toEqual([full, full]);
  // What is known of the disk stays while the server does not answer.
  answer = fails('ECONNREFUSED', 'connect ECONNREFUSED');
  await expect(reading()).rejects.toThrow('ECONNREFUSED');
  answer = fails('53100', 'could not write to file: No space left on device');
  expect(await reading()).toEqual(full);
  answer = () => {};
  expect(await reading()).toEqual([{fullSince: undefined}]);
  await reading();
  const [write, spill] = ['monitor/disk_write', 'monitor/disk_spill'];
  expect(asked).toEqual([write, write, spill, spill, spill, spill, write]);
});
