import { StoreError } from "@/lib/errors";
import type { PgShape } from "@/lib/stores/postgres/describe";
import { ident, tableName } from "@/lib/stores/postgres/sql";
import type { OptimizeAction } from "@/lib/stores/store";

/** The one statement of an action. A list, not a string that is put together from what somebody sent. */
export function optimizeSql(shape: PgShape, action: OptimizeAction): string {
  const table = tableName(shape.ref);
  switch (action.kind) {
    case "vacuum":
      return `VACUUM ${table}`;
    case "vacuumAnalyze":
      return `VACUUM (ANALYZE) ${table}`;
    case "analyze":
      return `ANALYZE ${table}`;
    case "vacuumFull":
      return `VACUUM (FULL, ANALYZE) ${table}`;
    case "reindex":
      return action.index === undefined
        ? `REINDEX TABLE CONCURRENTLY ${table}`
        : reindexOne(shape, action.index);
    default:
      throw new StoreError("bad_input", `PostgreSQL has no action ${action.kind}. Nothing was changed.`, {
        key: "optimizeNotOffered",
        details: { action: action.kind, table: shape.ref.name },
      });
  }
}

function reindexOne(shape: PgShape, index: string): string {
  if (!shape.indexes.some((one) => one.name === index)) {
    throw new StoreError(
      "not_found",
      `The table ${shape.ref.schema}.${shape.ref.name} has no index ${index} (any more). Nothing was changed.`,
      { key: "postgres.indexMissing", details: { index, table: shape.ref.name } },
    );
  }
  return `REINDEX INDEX CONCURRENTLY ${ident(shape.ref.schema)}.${ident(index)}`;
}
