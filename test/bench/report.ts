import Table from 'cli-table3';

/** One figure. On a shared machine a time alone means little: with a baseline from the same run, the ratio counts. */
export type Figure = {
  readonly bench: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline?: number;
  /** Description of the baseline. */
  readonly baselineIs?: string;
  /** `value` divided by `baseline`, or the reverse where more is better. */
  readonly ratio?: number;
  /** The same figure of pg_activity, where that is installed. */
  readonly peer?: number;
  /** The target: `≥ 20×`, `< 50 ms`. */
  readonly aim?: string;
  readonly met?: boolean;
};

export type Report = {readonly row: (figure: Omit<Figure, 'bench'>) => void; readonly log: (line: string) => void};

/** The export of a file `NAME.bench.ts`. */
export type Bench = (report: Report) => Promise<void>;

const numberOf = (n: number): string => (n >= 100 ? Math.round(n).toLocaleString('en-US') : n.toPrecision(2));

/** The figures as a table of Markdown, as README has it. */
export function markdownOf(figures: readonly Figure[]): string {
  const cell = (n: number | undefined, unit: string) => (n === undefined ? '' : `${numberOf(n)} ${unit}`);
  const lines = figures.map(({name, value, unit, baseline, baselineIs, peer, aim, met}) =>
    [
      name,
      `${cell(value, unit)}${met === false ? ' (not met)' : ''}`,
      `${cell(baseline, unit)}${baselineIs === undefined || baselineIs === 'bare Ink' ? '' : ` (${baselineIs})`}`,
      cell(peer, unit),
      aim ?? '',
    ].join(' | '),
  );
  return ['figure | tradetop | bare Ink | pg_activity | aim', '--- | --- | --- | --- | ---', ...lines]
    .map(line => `| ${line} |`)
    .join('\n');
}

/** Formats the figures as a table. */
export function tableOf(figures: readonly Figure[]): string {
  const table = new Table({
    head: ['bench', 'figure', 'value', 'baseline', 'ratio', 'pg_activity', 'aim', ''],
    style: {head: [], border: []},
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'left', 'left'],
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
      f.peer === undefined ? '' : `${number(f.peer)} ${f.unit}`,
      f.aim ?? '',
      f.met === undefined ? '' : f.met ? 'met' : 'NOT MET',
    ]);
  }
  return table.toString();
}
