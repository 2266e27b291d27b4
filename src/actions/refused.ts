import type {Prepared} from './action.ts';

/** What an action prepares where there is nothing to be read, let alone run: only the reason. The gate runs no such plan. */
export const refused = (refusal: string): Prepared => ({
  facts: [],
  sql: [],
  refusal,
  execute: async () => ({outcome: 'failed', rows: undefined, summary: 'Refused.'}),
});
