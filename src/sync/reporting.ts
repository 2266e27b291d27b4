import {sanitise} from '../core/sanitise.ts';
import {nowMicros} from '../core/time.ts';
import type {Log} from '../io/log.ts';
import {accountsOf, symbolsOf, tradedSymbolsOf} from './batch.ts';
import type {ConsumerOptions} from './consumer.ts';
import type {SyncCounters} from './counters.ts';
import type {Marking} from './marking.ts';
import type {CommitChanges} from './outcome.ts';
import type {PerformanceLog} from './performance-log.ts';
import type {PositionLimits} from './position-limits.ts';
import type {CommitTimes} from './stats.ts';
import {accountOfPosition} from './sync-event.ts';

type SyncLog = Pick<Log, 'info' | 'warn' | 'error'>;

type ReportingOptions = {
  readonly counters: SyncCounters;
  readonly performanceLog: PerformanceLog;
  readonly log: SyncLog;
  readonly marking: Pick<Marking, 'tell'>;
  readonly limits: Pick<PositionLimits, 'tell'>;
  readonly onCommit?: (times: CommitTimes) => void;
  readonly onChanged?: (changes: CommitChanges) => void;
};

type Reports = Pick<ConsumerOptions, 'onLink' | 'onCommitted' | 'onFailed'> & {
  /** A repair or a sweep has changed this: trades, positions and prices came from their tables. */
  readonly onRepaired: (changes: CommitChanges) => void;
};

/** Reports what becomes of the link and of batches to the counters, the log, the metrics, the marking and the position limits. */
export function reportTo(options: ReportingOptions): Reports {
  const {counters, performanceLog, log, marking, limits, onCommit, onChanged} = options;
  let loggedLink: string | undefined;
  return {
    onLink: link => {
      const text = `${link.state} ${link.error}`;
      if (text !== loggedLink) log.info({state: link.state, error: link.error}, 'bus');
      loggedLink = text;
      counters.link(link);
    },
    onCommitted: (batch, outcome, ms) => {
      const {trades} = batch;
      counters.committed(batch, outcome, ms);
      marking.tell(symbolsOf(batch));
      limits.tell(tradedSymbolsOf(batch));
      // Changes of the WAL do not name their accounts; what was settled does.
      const accounts = [...accountsOf(batch), ...outcome.accounts];
      onChanged?.({accounts, symbols: batch.marks.map(mark => mark.key)});
      performanceLog.ran('apply_batch', ms, trades.length);
      const at = nowMicros();
      onCommit?.({
        commitLagsMs: trades.map(trade => (at - trade.at) / 1000),
        receiveLagsMs: trades.map(trade => (trade.receivedAt - trade.at) / 1000),
        trades: trades.length,
        ms,
      });
      const {restated, busted} = outcome;
      if (restated > 0) log.warn({restated, busted}, 'figures restated');
      for (const {kind, key, why} of outcome.refused) {
        const account = kind === 'positions' ? {account_id: sanitise(accountOfPosition(key), 60)} : {};
        log.error({kind, key: sanitise(key, 100), ...account, why}, 'quarantined');
      }
      const others = outcome.quarantined - outcome.refused.length;
      if (others > 0) log.error({events: others}, 'quarantined');
    },
    onRepaired: changes => {
      const {accounts, symbols} = changes;
      if (accounts.length + symbols.length === 0) return;
      marking.tell(symbols);
      limits.tell(symbols);
      onChanged?.(changes);
    },
    onFailed: (error, inMs) => {
      counters.failed(error);
      log.warn({error, retry_in_ms: inMs}, 'batch not committed');
    },
  };
}

/** The log until `over`: queries that still hang on a dead path log nothing after the line `stopped`. */
export function logUntil(log: SyncLog, over: () => boolean): SyncLog {
  const level =
    (name: 'info' | 'warn' | 'error') =>
    (fields: object, message?: string): void => {
      if (!over()) log[name](fields, message);
    };
  return {info: level('info'), warn: level('warn'), error: level('error')} as SyncLog;
}
