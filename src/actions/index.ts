export {analyze} from './analyze.ts';
export {vacuumAnalyze} from './vacuum-analyze.ts';
