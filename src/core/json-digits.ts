type Reviver = (key: string, value: unknown, context: {readonly source?: string}) => unknown;

const {rawJSON, isRawJSON} = JSON as unknown as {
  readonly rawJSON: (text: string) => unknown;
  readonly isRawJSON: (value: unknown) => boolean;
};

/** A number of JSON with its digits, whatever a float would make of them: for a reviver of JSON.parse. */
export const withDigits = (value: number, source: string | undefined): unknown =>
  source === undefined || String(value) === source ? value : rawJSON(source);

/** Parses JSON, and numbers keep their digits for JSON.stringify. Throws where it is none. */
export const parseWithDigits = (text: string): unknown => {
  const revive: Reviver = (_key, value, {source}) => (typeof value === 'number' ? withDigits(value, source) : value);
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
};

/** Whether a value is such a number. */
export const isDigits = (value: unknown): value is {readonly rawJSON: string} => isRawJSON(value);
