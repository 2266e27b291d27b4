export {analyze} from './analyze.ts';
export {rotateSecretsAction} from './rotate-secrets.ts';
export {vacuumAnalyze} from './vacuum-analyze.ts';
