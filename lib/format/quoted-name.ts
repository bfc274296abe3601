/** A name of SQL in quotes, its parts joined by dots: for statements that are shown to be copied. */
export const quotedName = (...parts: readonly string[]): string =>
  parts.map((part) => `"${part.replaceAll('"', '""')}"`).join(".");
