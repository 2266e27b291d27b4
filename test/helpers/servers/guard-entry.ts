import {guardMain} from '../../../src/demo/guard.ts';

await guardMain(process.argv[2] as string);
