// Every incident, a file each, in the order in which help and palette list them.

export {busGap} from './bus-gap.ts';
export {deadFeed} from './dead-feed.ts';
export {deadRows} from './dead-rows.ts';
export {errorBurst} from './error-burst.ts';
export {idleTransaction} from './idle-transaction.ts';
export {limitBreach} from './limit-breach.ts';
export {lockPile} from './lock-pile.ts';
export {poolFull} from './pool-full.ts';
export {positionBreak} from './position-break.ts';
export {prefectLate} from './prefect-late.ts';
export {redisMemory} from './redis-memory.ts';
export {silentSymbol} from './silent-symbol.ts';
export {slotLeak} from './slot-leak.ts';
export {slowQuery} from './slow-query.ts';
export {stoppedSync} from './stopped-sync.ts';
