export {analyze} from './analyze.ts';
export {archiveLogs} from './archive-logs.ts';
export {createPartitions} from './create-partitions.ts';
export {rotateSecretsAction} from './rotate-secrets.ts';
export {vacuumAnalyze} from './vacuum-analyze.ts';
