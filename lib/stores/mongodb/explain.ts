import { timeOf } from "@/lib/stores/mongodb/scope-filter";
import type { FamilyScope } from "@/lib/stores/rows";
import type { TableRef } from "@/lib/stores/table";

/** The requests of an operation as a person reads them, in the language of MongoDB's shell. */
export function explainRequests(
  scope: FamilyScope,
  what: "move" | "export" | "delete" | "restore",
  targets: readonly TableRef[],
): string[] {
  return scope.members.map(({ table }, at) => {
    const target = what === "restore" ? (targets[at] ?? table) : table;
    const collection = `db.getSiblingDB(${JSON.stringify(target.schema)}).getCollection(${JSON.stringify(target.name)})`;
    switch (what) {
      case "export":
        return `${collection}.find(${filterText(scope)}).sort(${sortText(scope)})`;
      case "delete":
        return `${collection}.deleteOne({ _id: :id, $expr: { $eq: ["$$ROOT", :exported] } }) // each exported document, in bulk`;
      case "restore":
        return `${collection}.insertMany(:documents, { ordered: false }) // those whose _id is not there yet`;
      default:
        return `${collection}: documents are not moved inside MongoDB`;
    }
  });
}

function filterText(scope: FamilyScope): string {
  const time = timeOf(scope.time);
  if (!time) return "{}";
  const bound = (us: bigint) =>
    ["s", "ms", "us"].includes(time.unit)
      ? String(us)
      : `ISODate("${new Date(Number(us / 1_000n)).toISOString()}")`;
  const parts = [
    ...(scope.fromUs === null ? [] : [`$gte: ${bound(unitCount(scope.fromUs, time.unit))}`]),
    ...(scope.untilUs === null ? [] : [`$lt: ${bound(unitCount(scope.untilUs, time.unit))}`]),
  ];
  return `{ ${JSON.stringify(time.column)}: { ${parts.join(", ")} } }`;
}

function unitCount(us: bigint, unit: string): bigint {
  if (unit === "s") return us / 1_000_000n;
  return unit === "ms" ? us / 1_000n : us;
}

const sortText = (scope: FamilyScope): string => {
  const time = timeOf(scope.time);
  return time ? `{ ${JSON.stringify(time.column)}: 1, _id: 1 }` : "{ _id: 1 }";
};
