import {barSeverity, qualitySeverity} from '../../../src/alerts/bar-state.ts';
import {ingestionSeverity} from '../../../src/alerts/ingestion-state.ts';
import {byWorst, type Severity, worstOf} from '../../../src/core/severity.ts';
import type {BusState} from '../../../src/model/bus-state.ts';
import type {IngestionRow} from '../../../src/monitor/ingestion.ts';
import type {MarketDataRow, MarketQualityRow} from '../../../src/monitor/market-data.ts';

type Mark = BusState['marks'] extends ReadonlyMap<string, infer M> ? M : never;

/** A symbol: its last bar in the table, what the bus and its source said last, and what is wrong with its data. */
export type MarketPaneRow = {
  /** `(all)` for findings that are about no symbol. */
  readonly symbol: string;
  readonly severity: Severity;
  readonly bar: MarketDataRow | undefined;
  readonly heard: Mark | undefined;
  readonly quality: MarketQualityRow | undefined;
  /** Of the source that does worst with it; undefined: no source says how it does. */
  readonly ingestion: IngestionRow | undefined;
};

type Known = {
  readonly bars: readonly MarketDataRow[];
  readonly quality: readonly MarketQualityRow[];
  readonly ingestion: readonly IngestionRow[];
  readonly marks: BusState['marks'];
};

/** The symbols with bars, findings or sources, the worst first. */
export function marketRows({bars, quality: findings, ingestion, marks}: Known): readonly MarketPaneRow[] {
  const found = new Map(findings.map(quality => [String(quality.symbol ?? NO_SYMBOL), quality] as const));
  const known = new Map(bars.map(bar => [String(bar.symbol), bar] as const));
  const sources = new Map<string, IngestionRow>();
  for (const row of ingestion) {
    const before = sources.get(row.symbol);
    if (before === undefined || byWorst(rated(row), rated(before)) < 0) sources.set(String(row.symbol), row);
  }
  const symbols = [...new Set([...known.keys(), ...sources.keys(), ...found.keys()])];
  return symbols
    .map(symbol => {
      const [bar, quality] = [known.get(symbol), found.get(symbol)];
      const source = sources.get(symbol);
      const severity = worstOf(
        bar ? barSeverity(bar) : 'ok',
        quality ? qualitySeverity(quality) : 'ok',
        source ? ingestionSeverity(source) : 'ok',
      );
      return {symbol, severity, bar, heard: marks.get(symbol), quality, ingestion: source};
    })
    .sort((a, b) => byWorst(a, b) || (a.symbol < b.symbol ? -1 : 1));
}

const rated = (row: IngestionRow) => ({severity: ingestionSeverity(row)});

const NO_SYMBOL = '(all)';
