/** A name in snake_case, in camelCase: `idle_in_transaction` → `idleInTransaction`. */
export type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

/** A name in camelCase, in snake_case: `idleInTransaction` → `idle_in_transaction`. */
export type Snake<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${Snake<Rest>}`
  : Name;

/** Turns a name in snake_case into camelCase, as the type `Camel` does. */
export const camelCase = <const Name extends string>(name: Name): Camel<Name> =>
  name.replaceAll(/_([^_])/g, (_, first: string) => first.toUpperCase()) as Camel<Name>;

/** Turns a name in camelCase into snake_case, as the type `Snake` does. */
export const snakeCase = <const Name extends string>(name: Name): Snake<Name> =>
  name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`) as Snake<Name>;

/** A name in camelCase as a flag has it: `readOnly` → `read-only`. */
export const dashed = (name: string): string => name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
