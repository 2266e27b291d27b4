// Every rule that can raise an alert: one file and one line for each subject.
export {barRules} from './bars.ts';
export {busRules} from './bus.ts';
export {checkRules} from './checks.ts';
export {logRules} from './logs.ts';
export {marketRules} from './market.ts';
export {notificationRules} from './notifications.ts';
export {orderRules} from './orders.ts';
export {prefectRules} from './prefect.ts';
export {redisRules} from './redis.ts';
export {riskRules} from './risk.ts';
export {serverRules} from './server.ts';
export {sessionRules} from './sessions.ts';
export {silenceRules} from './silence.ts';
export {sourceRules} from './sources.ts';
export {syncRules} from './sync.ts';
export {tableRules} from './tables.ts';
