import type {LinkInput} from './link.ts';

/** Several lines that are one subscription: it is ready when every one of them is, and lost when one is. */
export type Union = {
  /** Takes one more line in; gives where that line tells what happens to it. All are taken in before any is ready. */
  readonly join: () => (input: LinkInput) => void;
  /** Counts what went wrong on any line: where it has not changed, every line is what it was. */
  readonly troubles: () => number;
};

type Part = {readonly state: 'waiting' | 'ready' | 'failed'; readonly why?: unknown};

/** Joins lines; `tell` hears what happens to them as if they were one. */
export function createUnion(tell: (input: LinkInput) => void): Union {
  const parts: Part[] = [];
  let troubles = 0;
  const ready = (): void => {
    const failed = parts.find(part => part.state === 'failed');
    if (failed) tell({what: 'failed', error: failed.why});
    else if (parts.every(part => part.state === 'ready')) {
      tell({what: 'ready', note: parts.find(part => part.why !== undefined)?.why});
    }
  };
  return {
    join: () => {
      const mine = parts.push({state: 'waiting'}) - 1;
      return input => {
        if (input.what === 'ready') {
          parts[mine] = {state: 'ready', why: input.note};
          ready();
          return;
        }
        if (input.what === 'lost' || input.what === 'failed') {
          troubles++;
          parts[mine] = input.what === 'lost' ? {state: 'waiting'} : {state: 'failed', why: input.error};
        }
        tell(input);
      };
    },
    troubles: () => troubles,
  };
}
