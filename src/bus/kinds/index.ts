// Every kind of event that the desk speaks: one file and one line each.
export {marketData} from './market-data.ts';
export {positions} from './positions.ts';
export {trades} from './trades.ts';
