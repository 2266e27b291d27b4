import type {BusEvent} from '../bus/event.ts';
import type {TradeEvent} from '../bus/kinds/trades.ts';
import type {TradeRow} from '../monitor/trades.ts';

type Trade = BusEvent<'trades', TradeEvent>;

/** The newest trades. Events become rows when the tape is read, so that only those that are shown cost anything. */
export type Tape = {
  readonly add: (trade: Trade) => void;
  /** Inserts rows of the table by their time of execution. */
  readonly insert: (rows: readonly TradeRow[]) => void;
  /** Newest first; the same array until a trade is added. */
  readonly rows: () => readonly TradeRow[];
};

export function createTape(capacity: number): Tape {
  const waiting: (Trade | undefined)[] = new Array(capacity).fill(undefined);
  let waitingCount = 0;
  let rows: readonly TradeRow[] = [];
  const settle = (): readonly TradeRow[] => {
    if (waitingCount === 0) return rows;
    const taken = Math.min(waitingCount, capacity);
    const fresh: TradeRow[] = [];
    for (let i = 1; i <= taken; i++) fresh.push(rowOf(waiting[(waitingCount - i) % capacity] as Trade));
    waitingCount = 0;
    waiting.fill(undefined);
    rows = [...fresh, ...rows.slice(0, capacity - taken)];
    return rows;
  };
  return {
    add: trade => {
      waiting[waitingCount++ % capacity] = trade;
    },
    insert: more => {
      if (more.length === 0) return;
      const merged = [...settle()];
      for (const row of more) {
        const at = merged.findIndex(({executedAt}) => executedAt <= row.executedAt);
        if (at >= 0) merged.splice(at, 0, row);
        else if (merged.length < capacity) merged.push(row);
        else continue;
        merged.length = Math.min(merged.length, capacity);
      }
      rows = merged;
    },
    rows: settle,
  };
}

function rowOf({data, at, receivedAt}: Trade): TradeRow {
  const {totalValue, winRate, ...shown} = data;
  const lagMs = (receivedAt - at) / 1000;
  return {...shown, executedAt: data.executedAt ?? at, receivedAt, lagMs, from: 'bus'};
}
