export {analyze} from './analyze.ts';
export {archiveLogs} from './archive-logs.ts';
export {createPartitions} from './create-partitions.ts';
export {detachPartitions} from './detach-partitions.ts';
export {rebuildAnalyticsAction} from './rebuild-analytics.ts';
export {retryQuarantineAction} from './retry-quarantine.ts';
export {rotateSecretsAction} from './rotate-secrets.ts';
export {vacuumAnalyze} from './vacuum-analyze.ts';
