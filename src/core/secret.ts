/** A password that printing, logging or serialising the object around it cannot show. */
export type Secret = () => string | undefined;

/** Wraps a password. An empty one counts as none. */
export const secret =
  (value: string | undefined): Secret =>
  () =>
    value === '' ? undefined : value;
