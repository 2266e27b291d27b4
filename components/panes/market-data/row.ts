import {barSeverity, qualitySeverity} from '../../../src/alerts/bar-state.ts';
import {byWorst, type Severity, worstOf} from '../../../src/core/severity.ts';
import type {BusState} from '../../../src/model/bus-state.ts';
import type {MarketDataRow, MarketQualityRow} from '../../../src/monitor/market-data.ts';

type Mark = BusState['marks'] extends ReadonlyMap<string, infer M> ? M : never;

/** A symbol: its last bar in the table, what the bus said last, and what is wrong with its data. */
export type MarketPaneRow = {
  /** `(all)` for findings that are about no symbol. */
  readonly symbol: string;
  readonly severity: Severity;
  readonly bar: MarketDataRow | undefined;
  readonly heard: Mark | undefined;
  readonly quality: MarketQualityRow | undefined;
};

/** The symbols with bars or findings, the worst first. */
export function marketRows(
  bars: readonly MarketDataRow[],
  qualities: readonly MarketQualityRow[],
  marks: BusState['marks'],
): readonly MarketPaneRow[] {
  const found = new Map(qualities.map(quality => [String(quality.symbol ?? NO_SYMBOL), quality] as const));
  const known = new Map(bars.map(bar => [String(bar.symbol), bar] as const));
  const symbols = [...new Set([...known.keys(), ...found.keys()])];
  return symbols
    .map(symbol => {
      const [bar, quality] = [known.get(symbol), found.get(symbol)];
      const severity = worstOf(bar ? barSeverity(bar) : 'ok', quality ? qualitySeverity(quality) : 'ok');
      return {symbol, severity, bar, heard: marks.get(symbol), quality};
    })
    .sort((a, b) => byWorst(a, b) || (a.symbol < b.symbol ? -1 : 1));
}

const NO_SYMBOL = '(all)';
