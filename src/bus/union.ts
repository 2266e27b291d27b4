import type {LinkInput} from './link.ts';

/** Several connections that make one subscription: it is ready when all of them are, and lost when one is. */
export type Union = {
  /** Adds a connection; returns the function that it reports to. All are added before the first is ready. */
  readonly join: () => (input: LinkInput) => void;
  /** Counts failures of any connection: while the count stays the same, no connection has failed. */
  readonly troubles: () => number;
};

type Part = {readonly state: 'waiting' | 'ready' | 'failed'; readonly why?: unknown};

/** Joins connections; `report` receives what happens to them as if they were one. */
export function createUnion(report: (input: LinkInput) => void): Union {
  const parts: Part[] = [];
  let troubles = 0;
  const ready = (): void => {
    const failed = parts.find(part => part.state === 'failed');
    if (failed) report({what: 'failed', error: failed.why});
    else if (parts.every(part => part.state === 'ready')) {
      report({what: 'ready', note: parts.find(part => part.why !== undefined)?.why});
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
        report(input);
      };
    },
    troubles: () => troubles,
  };
}
