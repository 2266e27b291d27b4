import Table from 'cli-table3';

/** One figure. A time alone says little on a shared machine: where a baseline was measured in the same run, the ratio counts. */
export type Figure = {
  readonly bench: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline?: number;
  /** What the baseline is, in words. */
  readonly baselineIs?: string;
  /** `value` over `baseline`, or the other way round where that is the sense of it. */
  readonly ratio?: number;
  /** What we aim for: `≥ 20×`, `< 50 ms`. */
  readonly aim?: string;
  readonly met?: boolean;
};

export type Report = {readonly row: (figure: Omit<Figure, 'bench'>) => void; readonly log: (line: string) => void};

/** A file `NAME.bench.ts` exports this. */
export type Bench = (report: Report) => Promise<void>;

/** The figures as a table for people. */
export function tableOf(figures: readonly Figure[]): string {
  const table = new Table({
    head: ['bench', 'figure', 'value', 'baseline', 'ratio', 'aim', ''],
    style: {head: [], border: []},
    colAligns: ['left', 'left', 'right', 'right', 'right', 'left', 'left'],
  });
  for (const f of figures) {
    const number = (n: number | undefined) =>
      n === undefined ? '' : n >= 100 ? Math.round(n).toLocaleString('en-US') : n.toPrecision(3);
    table.push([
      f.bench,
      f.name,
      `${number(f.value)} ${f.unit}`,
      f.baseline === undefined ? '' : `${number(f.baseline)} ${f.unit} (${f.baselineIs ?? ''})`,
      f.ratio === undefined ? '' : `${number(f.ratio)}×`,
      f.aim ?? '',
      f.met === undefined ? '' : f.met ? 'met' : 'NOT MET',
    ]);
  }
  return table.toString();
}
