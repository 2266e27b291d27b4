import {defineStatus} from './strategy-status.ts';

/** The strategy trades nothing any more, until it is resumed. */
export const haltStrategyAction = defineStatus({
  id: 'halt-strategy',
  title: 'Halt strategy',
  key: 'H',
  help: 'Stops a strategy in strategy_engine.strategies, and tells its services on data_sync:control.',
  status: 'stopped',
});
