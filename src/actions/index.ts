export {analyzeAction} from './analyze.ts';
export {archiveLogsAction} from './archive-logs.ts';
export {createPartitionsAction} from './create-partitions.ts';
export {detachPartitionsAction} from './detach-partitions.ts';
export {rebuildAnalyticsAction} from './rebuild-analytics.ts';
export {retryQuarantineAction} from './retry-quarantine.ts';
export {rotateSecretsAction} from './rotate-secrets.ts';
export {vacuumAnalyzeAction} from './vacuum-analyze.ts';
