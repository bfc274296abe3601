/** What one line of SHOW GRANTS gives: on what, and which rights, in upper case. */
export interface Grant {
  database: string;
  table: string;
  rights: ReadonlySet<string>;
}

const LINE = /^GRANT (.+?) ON (?:TABLE )?(\*|`(?:[^`]|``)*`|"[^"]*")\.(\*|`(?:[^`]|``)*`|"[^"]*") TO /i;

/** The lines of SHOW GRANTS that are about tables. Rights on columns alone are left out: they move no rows. */
export function parseGrants(lines: readonly string[]): Grant[] {
  return lines.flatMap((line) => {
    const match = LINE.exec(line);
    if (!match) return [];
    const [, list = "", database = "", table = ""] = match;
    const rights = list
      .replace(/\([^)]*\)/g, "()")
      .split(",")
      .map((right) => right.trim().toUpperCase())
      .filter((right) => !right.includes("("));
    return [{ database: bare(database), table: bare(table), rights: new Set(rights) }];
  });
}

const bare = (name: string): string => (name === "*" ? name : name.slice(1, -1).replaceAll("``", "`"));

/** Whether the account has a right on every table of a database. */
export function hasRight(grants: readonly Grant[], right: string, database: string): boolean {
  return grants.some(
    ({ rights, table, database: on }) =>
      (rights.has(right) || rights.has("ALL PRIVILEGES") || rights.has("ALL")) &&
      table === "*" &&
      (on === "*" || matches(on, database)),
  );
}

/** A database in a grant is a pattern: `_` any character, `%` any number of them, both escaped by a backslash. */
function matches(pattern: string, database: string): boolean {
  const source = pattern.replace(/\\([_%\\])|([_%])|([^\w])/g, (_, escaped, wild, other) =>
    escaped ? quoted(escaped) : wild === "_" ? "." : wild === "%" ? ".*" : quoted(other),
  );
  return new RegExp(`^${source}$`, "i").test(database);
}

const quoted = (char: string): string => char.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
