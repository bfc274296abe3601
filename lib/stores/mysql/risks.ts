import type { MyScope } from "@/lib/stores/mysql/shapes";
import { tableName } from "@/lib/stores/mysql/sql";
import type { ScopeRisk } from "@/lib/stores/rows";

/** What a plan must say about these tables besides what every store's plan says. */
export function scopeRisks(scope: MyScope, what: "move" | "export" | "delete" | "restore"): ScopeRisk[] {
  if (what === "export" || what === "restore") return [];
  return scope.members.flatMap(({ shape }): ScopeRisk[] => {
    const table = `${shape.ref.schema}.${shape.ref.name}`;
    const risks: ScopeRisk[] = [];
    if (!shape.transactional) {
      risks.push({
        severity: "stop",
        key: "mysqlNoTransactions",
        details: { table, engine: shape.engine },
        fix: [`ALTER TABLE ${tableName(shape.ref)} ENGINE = InnoDB`],
      });
    }
    if (shape.kind === "versioned")
      risks.push({ severity: "warn", key: "mysqlVersioned", details: { table } });
    return risks;
  });
}
