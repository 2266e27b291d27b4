/** A name in snake_case, in camelCase: `idle_in_transaction` → `idleInTransaction`. */
export type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

/** Turns a name in snake_case into camelCase, as the type `Camel` does. */
export const camelCase = <const Name extends string>(name: Name): Camel<Name> =>
  name.replace(/_+([^_])/g, (_, first: string) => first.toUpperCase()) as Camel<Name>;
