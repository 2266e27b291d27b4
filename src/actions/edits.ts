export {acknowledgeEdit} from './acknowledge.ts';
export {setConfigEdit} from './set-config.ts';
export {setLimitEdit} from './set-limit.ts';
