import {expect, test} from 'vitest';
import type {Pg} from '../../src/io/pg.ts';
import {createPendingGaps} from '../../src/sync/gaps.ts';

/** A database that records the parameters of its queries. */
const recording = (rows: unknown[]) =>
  ({
    query: async (_name: string, params: readonly unknown[]) => {
      rows.push(params);
      return [];
    },
  }) as unknown as Pg;

test('gaps are written in whole microseconds', async () => {
  const gaps = createPendingGaps();
  gaps.declare({reason: 'disconnect', from: 1_000_000.5, to: 2_000_000.25});
  const rows: unknown[] = [];
  expect(await gaps.write(recording(rows), 'one', at => at)).toBe(1);
  expect(rows).toEqual([['one', 'disconnect', '1970-01-01T00:00:01.000000Z', '1970-01-01T00:00:02.000001Z']]);
  expect(gaps.list()).toEqual([]);
});

test('gaps that cannot be written stay pending, and too many of them merge into one that covers them', async () => {
  const gaps = createPendingGaps();
  const unreachable = {
    query: async () => {
      throw new Error('away');
    },
  } as unknown as Pg;
  for (let i = 0; i < 500; i++) gaps.declare({reason: i % 2 ? 'disconnect' : 'overflow', from: i, to: i + 1});
  await expect(gaps.write(unreachable, 'one', at => at)).rejects.toThrow('away');
  expect(gaps.list().length).toBeLessThanOrEqual(50);
  expect(Math.max(...gaps.list().map(gap => gap.to))).toBe(500);
  gaps.declare({reason: 'first_start', from: undefined, to: 600});
  expect(gaps.list().at(-1)).toMatchObject({from: undefined, to: 600});
});
