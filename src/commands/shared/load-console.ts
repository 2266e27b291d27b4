import {setFlagsFromString} from 'node:v8';

// V8 would let the young generation grow to 3 × 16 MiB and the old one to several times what is in use, for a program
// that computes. A console waits, and shares its machine: 290 MiB become 130, for 0.8 s of CPU time a minute.
const FRUGAL = ['--semi-space-growth-factor=1', '--heap-growing-percent=25'];

/** Loads the console, the largest part of the program, into a process that stays small. */
export function loadConsole(): Promise<typeof import('../../app/watch-console.tsx')> {
  for (const flag of FRUGAL) setFlagsFromString(flag);
  return import('../../app/watch-console.tsx');
}
