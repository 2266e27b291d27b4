import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {blockingTrees, type Waiter} from '../../src/monitor/blocking.ts';

const waiter = (key: string, blockers: readonly string[] = [], waitSeconds = 1): Waiter => ({
  key,
  waits: blockers.length > 0,
  waitSeconds,
  blockers,
});
const treeOf = (all: readonly Waiter[]) =>
  [...blockingTrees(all)].map(([key, {depth, blocks}]) => `${'-'.repeat(depth)}${key}:${blocks}`);

describe('the trees of who blocks whom', () => {
  it('begin with the root that blocks most; behind it the longest wait comes first', () => {
    const all = [
      waiter('small'),
      waiter('behind small', ['small']),
      waiter('young', ['root'], 2),
      waiter('root'),
      waiter('old', ['root'], 9),
      waiter('last', ['old', 'root'], 1),
      waiter('deep', ['young'], 1),
      waiter('nobody'),
    ];
    expect(treeOf(all)).toEqual(['root:4', '-old:1', '-young:1', '--deep:0', '-last:0', 'small:1', '-behind small:0']);
  });

  it('know how long the longest behind each has waited', () => {
    const all = [
      waiter('root'),
      waiter('young', ['root'], 2),
      waiter('deep', ['young'], 7),
      waiter('last', ['deep'], 1),
    ];
    const longest = [...blockingTrees(all)].map(([key, {blocksSeconds}]) => [key, blocksSeconds]);
    expect(longest).toEqual([
      ['root', 7],
      ['young', 7],
      ['deep', 1],
      ['last', undefined],
    ]);
  });

  it('count a session once, whichever way it waits', () => {
    expect(treeOf([waiter('a'), waiter('b', ['a', 'a']), waiter('c', ['a', 'b'])])).toEqual(['a:2', '-b:1', '-c:0']);
  });

  it('break a ring at the longest wait, and ignore blockers that are gone', () => {
    expect(treeOf([waiter('a', ['b'], 1), waiter('b', ['a'], 5), waiter('c', ['gone']), waiter('d', ['d'])])).toEqual([
      'b:1',
      '-a:1',
    ]);
  });

  it('have everyone who blocks or waits for someone known once, under one of its blockers', () => {
    const graph = fc.integer({min: 1, max: 12}).chain(n =>
      fc.array(fc.record({blockers: fc.array(fc.nat(n + 1), {maxLength: 4}), wait: fc.nat(100)}), {
        minLength: n,
        maxLength: n,
      }),
    );
    fc.assert(
      fc.property(graph, nodes => {
        const all = nodes.map(({blockers, wait}, i) => waiter(String(i), blockers.map(String), wait));
        const keys = new Set(all.map(one => one.key));
        const known = ({key, blockers}: Waiter) => blockers.filter(b => b !== key && keys.has(b));
        const blocked = new Set(all.flatMap(known));
        const places = blockingTrees(all);
        for (const one of all) {
          const place = places.get(one.key);
          expect(place !== undefined).toBe(known(one).length > 0 || blocked.has(one.key));
          if (place?.parent !== undefined) {
            expect(known(one)).toContain(place.parent);
            expect(place.depth).toBe((places.get(place.parent)?.depth ?? -2) + 1);
          }
        }
      }),
    );
  });
});
