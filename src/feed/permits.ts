import type {DeskService} from './services.ts';
import {STRATEGIES} from './universe.ts';

/** What each strategy may do, by its status in strategy_engine.strategies. */
export type Permits = {
  /** It may open positions: it is active. */
  readonly opens: (strategy: string) => boolean;
  /** It may trade at all: it is not stopped. */
  readonly trades: (strategy: string) => boolean;
  /** Whether any strategy may open positions. */
  readonly any: () => boolean;
};

/** Every strategy may do everything. */
export const ALL_PERMITTED: Permits = {opens: () => true, trades: () => true, any: () => true};

/** The permits as the table has them; until it was read once, everything is permitted. A strategy without a row may trade. */
export type LivePermits = Permits & {
  /** Reads the table. A failure is reported, and what was read before stays in force. */
  readonly read: () => Promise<void>;
};

/** Permits that are read with `service`. */
export function createPermits(
  service: Pick<DeskService, 'name' | 'run'>,
  onFailure: (what: string, error: unknown) => void,
): LivePermits {
  let statuses: ReadonlyMap<string, string> = new Map();
  const opens = (strategy: string): boolean => (statuses.get(strategy) ?? 'active') === 'active';
  return {
    opens,
    trades: strategy => statuses.get(strategy) !== 'stopped',
    any: () => STRATEGIES.some(({name}) => opens(name)),
    read: async () => {
      try {
        const rows = await service.run('feed/strategy_status');
        statuses = new Map(rows.map(({name, status}) => [String(name), String(status)]));
      } catch (error) {
        onFailure(service.name, error);
      }
    },
  };
}
