import {guardMain} from './guard.ts';

await guardMain(process.argv[2] as string);
