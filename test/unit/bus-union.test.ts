import {describe, expect, test} from 'vitest';
import type {LinkInput} from '../../src/bus/link.ts';
import {createUnion} from '../../src/bus/union.ts';

function joined() {
  const reported: LinkInput[] = [];
  const union = createUnion(input => reported.push(input));
  const [one, two] = [union.join(), union.join()];
  const since = (): readonly LinkInput[] => reported.splice(0);
  return {union, one, two, since};
}

describe('two connections that make one subscription', () => {
  test('are ready when both are, and lost when one is', () => {
    const {one, two, since} = joined();
    one({what: 'ready'});
    expect(since()).toEqual([]);
    two({what: 'ready'});
    expect(since()).toEqual([{what: 'ready', note: undefined}]);
    one({what: 'lost', error: 'cut'});
    expect(since()).toEqual([{what: 'lost', error: 'cut'}]);
    two({what: 'ready'});
    expect(since()).toEqual([]);
    one({what: 'ready'});
    expect(since()).toEqual([{what: 'ready', note: undefined}]);
  });

  test('say why they are not ready as long as one is not', () => {
    const {one, two, since} = joined();
    one({what: 'failed', error: 'NOPERM'});
    two({what: 'failed', error: 'refused'});
    since();
    two({what: 'ready'});
    expect(since()).toEqual([{what: 'failed', error: 'NOPERM'}]);
  });

  test('keep the note of one beside the other, and drop it with its cause', () => {
    const {one, two, since} = joined();
    one({what: 'ready'});
    two({what: 'ready', note: 'half of it'});
    expect(since()).toEqual([{what: 'ready', note: 'half of it'}]);
    two({what: 'ready'});
    expect(since()).toEqual([{what: 'ready', note: undefined}]);
  });

  test('count failures of either, so that an earlier answer proves nothing', () => {
    const {union, one, two} = joined();
    one({what: 'ready'});
    two({what: 'ready'});
    const before = union.troubles();
    two({what: 'lost'});
    two({what: 'ready'});
    expect(union.troubles()).toBeGreaterThan(before);
  });
});
