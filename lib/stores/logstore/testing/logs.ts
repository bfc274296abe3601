import { identifier } from "@/lib/stores/logstore/literal";
import type { TestProject } from "@/lib/stores/logstore/testing/project";
import type { FamilyMember, FamilyScope, RowAccess } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";

export const member = (name: string): FamilyMember => ({
  table: { schema: "public", name },
  key: ["id"],
  columns: [],
  via: null,
});
export const scopeOf = (name: string): FamilyScope => ({
  members: [member(name)],
  time: { column: "created_at", unit: "timestamp" },
  fromUs: null,
  untilUs: null,
});
export const rowsOf = (store: Store): RowAccess => {
  if (!store.rows) throw new Error("no rows");
  return store.rows;
};
/** A logstore of rows a minute apart from 2026 on, in Dify's spelling, `body` of 600 characters. */
export async function makeLogs(project: TestProject, name: string, count: number): Promise<void> {
  await project.sql(
    `CREATE TABLE ${identifier(name)} (id text, created_at text, body text, log_version bigint)`,
  );
  await project.sql(
    `INSERT INTO ${identifier(name)} SELECT 'r' || lpad(n::text, 6, '0'),
     to_char(timestamp '2026-01-01' + n * interval '1 minute', 'YYYY-MM-DD"T"HH24:MI:SS'), repeat('问x', 300), n
     FROM generate_series(1, ${count}) n`,
  );
}
