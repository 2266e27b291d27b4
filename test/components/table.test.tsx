import {describe, expect, it} from 'vitest';
import {decimalColumn, pnlColumn, textColumn} from '../../components/lines/columns.ts';
import {statusOf} from '../../components/lines/status.ts';
import {Table} from '../../components/lines/Table.tsx';
import {paneOf} from '../../components/panes/index.ts';
import {positionsPane} from '../../components/panes/positions/positions.ts';
import {drawPane, frameOf, PLAIN} from '../helpers/state/draw.ts';
import {NOW, position, SAMPLES, stateOf} from '../helpers/state/screen.ts';

type Holding = {readonly symbol: string; readonly quantity: string; readonly pnl?: string};

const columns = [
  textColumn<Holding>({id: 'symbol', title: 'SYMBOL', priority: 0, width: 6, value: row => row.symbol}),
  decimalColumn<Holding>({
    id: 'quantity',
    title: 'QTY',
    priority: 0,
    width: 8,
    digits: row => row.quantity,
    decimals: 'needed',
  }),
  pnlColumn<Holding>({id: 'pnl', title: 'P&L', priority: 1, width: 9, digits: row => row.pnl}),
];
const rows: readonly Holding[] = [
  {symbol: 'AAPL', quantity: '1200.5', pnl: '935.625'},
  {symbol: 'MSFT', quantity: '-25', pnl: '-3019.13'},
  {symbol: 'NVDA', quantity: '10'},
];

describe('a table', () => {
  it('needs its columns, rows and size', () => {
    expect(frameOf(<Table columns={columns} rows={rows} width={30} height={4} theme={PLAIN} />)).toMatchInlineSnapshot(`
      " SYMBOL       QTY        P&L
       AAPL     1,200.5    +935.63
       MSFT       −25.0  −3,019.13
       NVDA        10.0        n/a"
    `);
  });

  it('leaves out the columns and rows that have no room', () => {
    expect(frameOf(<Table columns={columns} rows={rows} width={18} height={3} theme={PLAIN} />)).toMatchInlineSnapshot(`
      " SYMBOL       QTY
       AAPL     1,200.5
       MSFT       −25.0"
    `);
  });

  it('marks the selected row and the column of the order, and sums up', () => {
    const totals = () => ({symbol: ['TOTAL']}) as const;
    const table = (
      <Table {...{columns, rows, totals}} width={30} height={6} selected={1} sort="quantity" theme={PLAIN} />
    );
    expect(frameOf(table)).toMatchInlineSnapshot(`
      " SYMBOL      QTY↓        P&L
       AAPL     1,200.5    +935.63
      ▸MSFT       −25.0  −3,019.13
       NVDA        10.0        n/a
       TOTAL                      "
    `);
  });
});

describe('the room of a table', () => {
  type Job = {readonly name: string; readonly blocked: string; readonly text: string};
  const of = (blocked: string): readonly Job[] => [
    {name: 'data_ingestion.market_data_2026_11', blocked, text: 'SELECT symbol, close FROM data_ingestion.market_data'},
    {name: 'data_ingestion.market_data_2026_12', blocked: '', text: 'COMMIT'},
  ];
  const jobs = [
    textColumn<Job>({id: 'name', title: 'NAME', priority: 0, width: 16, keepEnd: true, value: row => row.name}),
    textColumn<Job>({id: 'blocked', title: 'BLOCKED', priority: 1, width: 7, sparse: true, value: row => row.blocked}),
    textColumn<Job>({
      id: 'text',
      title: 'TEXT',
      priority: 0,
      width: 8,
      ideal: 10,
      max: 500,
      share: 0.3,
      value: row => row.text,
    }),
  ];
  const draw = (blocked: string, more = {}) =>
    frameOf(<Table columns={jobs} rows={of(blocked)} width={52} height={3} theme={PLAIN} {...more} />);

  it('goes to texts before gaps, and to no column that is empty in every row', () => {
    expect(draw('by 7')).toMatchInlineSnapshot(`
      " NAME             BLOCKED TEXT                     
       …et_data_2026_11 by 7    SELECT symbol, close FRO…
       …et_data_2026_12         COMMIT"
    `);
    expect(draw('')).toMatchInlineSnapshot(`
      " NAME             TEXT                             
       …et_data_2026_11 SELECT symbol, close FROM data_i…
       …et_data_2026_12 COMMIT"
    `);
    expect(draw('', {sort: 'blocked'})).toContain('BLOCKED↓');
    expect(draw('', {wide: true})).not.toContain('BLOCKED');
  });
});

describe('a pane', () => {
  const {View} = positionsPane;
  const status = statusOf(SAMPLES.positions, NOW);

  it('is drawn from its data alone, without a State', () => {
    const data = {status, rows: [position(0), position(1)], marks: new Map(), now: NOW};
    expect(frameOf(<View data={data} width={60} height={6} theme={PLAIN} />)).toMatchInlineSnapshot(`
      "╭─ Positions ──────────────────── 2 open · oldest mark 2s ─╮
      │ ACCOUNT  SYMBOL     QTY      MARK       VALUE     UNREAL │
      │ ACC-01   AAPL       125    187.12   23,390.43    +935.62 │
      │ ACC-01   MSFT       250    402.55  100,637.50  +3,019.13 │
      │                                                          │
      ╰─ realised +311.00 ───────────────────────────────────────╯"
    `);
  });

  it('never cuts the arrow of the column that orders it', () => {
    for (const id of ['trades', 'positions', 'slow_queries', 'health', 'orders'] as const) {
      for (const width of [58, 80, 120]) {
        for (const {id: sort, title} of paneOf(id).sorts(stateOf(), width)) {
          const panes = {[id]: {selected: undefined, filter: '', sort, reverse: false}};
          const heading = drawPane(id, stateOf({ui: {panes}}), width, 20)
            .split('\n')
            .slice(1, 4)
            .join();
          expect(heading, `${id} ${sort} in ${width}`).toContain(`${title}↓`);
        }
      }
    }
  });

  it('offers the columns on the screen as orders, and no other', () => {
    for (const width of [60, 80, 100, 120, 160]) {
      for (const id of ['trades', 'positions', 'slow_queries', 'health'] as const) {
        const heading = drawPane(id, stateOf(), width, 20).split('\n')[1] ?? '';
        const titles = paneOf(id)
          .sorts(stateOf(), width)
          .map(column => column.title);
        expect(heading.replaceAll(/[│\s]+/g, ' ').trim(), `${id} at ${width}`).toBe(titles.filter(Boolean).join(' '));
      }
    }
  });
});
