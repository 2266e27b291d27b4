// Every rule that can raise an alert: one file and one line for each subject.
export {busRules} from './bus.ts';
export {logRules} from './logs.ts';
export {orderRules} from './orders.ts';
export {redisRules} from './redis.ts';
export {riskRules} from './risk.ts';
export {serverRules} from './server.ts';
export {sessionRules} from './sessions.ts';
export {sourceRules} from './sources.ts';
export {syncRules} from './sync.ts';
