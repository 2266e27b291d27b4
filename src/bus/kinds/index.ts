// Every kind of event that the desk speaks: one file and one line each.
export {marketDataKind} from './market-data.ts';
export {positionsKind} from './positions.ts';
export {tradesKind} from './trades.ts';
