/** Leaves secrets out of texts. */
export type Redactor = (text: string) => string;

/** What stands where a secret was. */
export const LEFT_OUT = '***';

/** A secret that is shorter cannot be told from an ordinary word. */
const SHORTEST = 3;

// The user and the password of an address: up to the last @ of the word.
const ADDRESS = /(:\/\/)[^\s'"<>]*@/g;
// A value behind a name that says that it is secret: password=…, "token": "…", PASSWORD '…'.
const NAMED =
  /([\w-]{0,60}(?:passw(?:or)?d|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization)[\w-]*["']?(?:\s*[:=]+>?\s*|\s+(?=["'])))(?:"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|[^\s,;)}\]]+)/gi;
const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi;
// A statement up to its first value in quotes.
const STATEMENT =
  /^([\s\S]*?\b(?:select|insert|update|delete|merge|alter|create|copy|call|values|execute|prepare|declare|with|do|set|comment|explain|security)\b[^'$]*?)(?:'|\$\w*\$)[\s\S]*$/i;

// Without one of these there is nothing to find, and a log line of plain words costs little.
const HINT =
  /:\/\/|passw|pwd|passphrase|secret|token|(?:api|access|private)[_-]?key|credential|authorization|bearer|basic/i;

/** A text without the secrets that it shows by their form alone: those of addresses, of HTTP, and behind a name that says so. */
export const redactText: Redactor = text =>
  !HINT.test(text)
    ? text
    : text.replace(ADDRESS, `$1${LEFT_OUT}@`).replace(BEARER, `$1 ${LEFT_OUT}`).replace(NAMED, `$1${LEFT_OUT}`);

/**
 * Makes a function that leaves out these secrets in whatever way they are written, user and password of addresses, values
 * whose names say that they are secret, and of a statement everything from its first value in quotes on: what follows it
 * cannot be told from a value where the text was cut.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const known = [...new Set(secrets.filter(one => one.length >= SHORTEST).flatMap(written))].toSorted(
    (a, b) => b.length - a.length,
  );
  return text => {
    let safe = text;
    for (const one of known) safe = safe.replaceAll(one, LEFT_OUT);
    return redactText(safe).replace(STATEMENT, `$1${LEFT_OUT}`);
  };
}

/** A secret as it stands in an address, in JSON, and in a statement. */
const written = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  secret.replaceAll("'", "''"),
];

const SECRET_NAME =
  /passw(?:or)?d|pwd|passphrase|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credential|authorization|cookie/i;

/** Whether a field of that name holds a secret. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** A value and everything in it, without secrets: what a field holds whose name says that it is secret is left out. */
export function redacted(value: unknown, redact: Redactor, name = ''): unknown {
  if (typeof value === 'string') return isSecretName(name) ? LEFT_OUT : redact(value);
  if (Array.isArray(value)) return value.map(each => redacted(each, redact, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [redact(key), redacted(each, redact, key)]));
}

const SECRET_VARIABLE = /PASS|SECRET|TOKEN|_KEY$|CREDENTIAL/;

/** The secrets of an environment: values of variables whose names say so, and passwords in addresses. */
export function secretsOf(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(env).flatMap(([name, value = '']) => [
    ...(SECRET_VARIABLE.test(name) ? [value] : []),
    ...[...value.matchAll(/:\/\/[^\s/:@]*:([^\s@]+)@/g)].flatMap(([, password = '']) => [password, decoded(password)]),
  ]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
