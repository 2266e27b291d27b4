export {acknowledge} from './acknowledge.ts';
export {setConfig} from './set-config.ts';
export {setLimit} from './set-limit.ts';
