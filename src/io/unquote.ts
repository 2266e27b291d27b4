/**
 * Decodes the %-escapes of an address as Python's libraries do, since the same address is read by them: what is no escape,
 * such as the `%` of `100%pure`, stays as it is.
 */
export const unquote = (text: string): string =>
  text.replaceAll(/(?:%[0-9a-f]{2})+/gi, escapes => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
