import {clearTempDir} from '../../../src/demo/orphans.ts';
import {ended} from '../../../src/demo/pipe.ts';

// The process of guard.ts: it outlives the signals that end its parent.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
await ended(process.stdin);
await clearTempDir(process.argv[2] as string);
