import {describe, expect, it} from 'vitest';
import {createAlertLives} from '../../src/app/alert-lives.ts';
import type {Raw} from '../../src/io/io.ts';
import type {Alert, State} from '../../src/model/state.ts';

const alert = (id: string, since: number, severity: Alert['severity'] = 'warn') =>
  ({id, rule: id, since: since * 1e6, severity, text: 'x'}) as Alert;
const seen = (at: number, ...alerts: readonly Alert[]): Pick<State, 'at' | 'alerts'> => ({at: at * 1e6, alerts});

/** A database that takes what is recorded, or refuses it. */
function recorder() {
  const taken: unknown[] = [];
  let down = false;
  const lives = createAlertLives(
    {
      query: async (_sql, params = []): Promise<readonly Raw[]> => {
        if (down) throw new Error('down');
        const [, ids, , , , , , , ages, seenAges] = params as readonly (readonly unknown[])[];
        taken.push(ids?.map((id, i) => [id, ages?.[i], seenAges?.[i]]));
        return [];
      },
    },
    'test',
  );
  return {taken, record: lives.record, down: (is: boolean) => (down = is)};
}

describe('recording the lives of alerts', () => {
  it('records what stands, with its age', async () => {
    const {taken, record} = recorder();
    await record(seen(100, alert('a', 90), alert('b', 40)));
    await record(seen(110));
    expect(taken).toEqual([
      [
        ['a', 10, 0],
        ['b', 60, 0],
      ],
      [],
    ]);
  });

  it('asks for the lives that others left once a minute where nothing stands, and for 40 s after something stood', async () => {
    const {taken, record} = recorder();
    for (let at = 0; at <= 120; at += 10) await record(seen(at));
    expect(taken).toHaveLength(3);
    await record(seen(130, alert('a', 130)));
    for (let at = 140; at <= 220; at += 10) await record(seen(at));
    expect(taken).toHaveLength(3 + 1 + 4);
  });

  it('records later what came and went while nothing could be written', async () => {
    const {taken, record, down} = recorder();
    down(true);
    await expect(record(seen(100, alert('a', 95)))).rejects.toThrow('down');
    await expect(record(seen(110, alert('b', 105)))).rejects.toThrow('down');
    down(false);
    await record(seen(120, alert('b', 105)));
    await record(seen(130));
    expect(taken).toEqual([
      [
        ['a', 25, 20],
        ['b', 15, 0],
      ],
      [],
    ]);
  });

  it('keeps at most 500 meanwhile, the critical ones first', async () => {
    const {taken, record, down} = recorder();
    down(true);
    const many = Array.from({length: 600}, (_, i) => alert(`w${i}`, 1));
    const crits = Array.from({length: 300}, (_, i) => alert(`c${i}`, 1, 'crit'));
    await record(seen(100, ...many)).catch(() => {});
    await record(seen(110, ...crits)).catch(() => {});
    down(false);
    await record(seen(120));
    const ids = (taken[0] as readonly (readonly [string])[]).map(([id]) => id);
    expect(ids.length).toBe(500);
    expect(ids.filter(id => id.startsWith('c'))).toHaveLength(300);
  });
});
