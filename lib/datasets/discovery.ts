import { type BigintBounds, guessRoles } from "@/lib/datasets/discovery-guess";
import { matchPreset, type PresetMatch } from "@/lib/datasets/presets/match";
import { classOf, noRoles, unitOfType } from "@/lib/datasets/roles";
import type { Roles } from "@/lib/schemas/dataset";
import type { RoleGuess, TableBlock, TableProposal } from "@/lib/schemas/store";
import type { TableSummary } from "@/lib/stores/table";

/**
 * What Strata would make of each table: a preset's dataset where one matches, else a guess from names, types and
 * keys; with reasons, and with what cannot be done and why. `bounds` holds known smallest and largest values of
 * bigint columns by `schema.table.column`: they tell seconds from milliseconds.
 */
export function proposeTables(
  tables: readonly TableSummary[],
  bounds: BigintBounds = new Map(),
): TableProposal[] {
  const known = new Set(tables.map((table) => `${table.ref.schema}.${table.ref.name}`));
  const names = nameCounts(tables);
  return tables.map((table) => {
    const match = matchPreset(table);
    const parentKnown = match?.table.parent && known.has(`${table.ref.schema}.${match.table.parent.table}`);
    const parent = parentKnown && match.table.parent ? match.table.parent : null;
    const { roles, guesses } = match ? presetRoles(table, match) : guessRoles(table, bounds);
    return {
      preset: match?.preset ?? null,
      name: (names.get(table.ref.name) ?? 0) > 1 ? `${table.ref.schema}.${table.ref.name}` : table.ref.name,
      roles,
      guesses,
      blocks: blocksOf(table, roles, parent !== null),
      columns: table.columns.map(({ name, type }) => ({ name, type })),
      parent,
      keepDays: match?.table.keepDays ?? null,
    };
  });
}

function nameCounts(tables: readonly TableSummary[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { ref } of tables) counts.set(ref.name, (counts.get(ref.name) ?? 0) + 1);
  return counts;
}

function presetRoles(
  table: TableSummary,
  { preset, table: known }: PresetMatch,
): { roles: Roles; guesses: RoleGuess[] } {
  const columns = new Map(table.columns.map((column) => [column.name, column.type]));
  const has = (name: string | null) => (name !== null && columns.has(name) ? name : null);
  const timeType = columns.get(known.time.column);
  const roles: Roles = {
    ...noRoles(),
    key: [...(table.key ?? [])],
    time: timeType
      ? { column: known.time.column, unit: unitOfType(timeType) ?? known.time.bigintUnit }
      : null,
    tenant: has(known.roles.tenant),
    user: has(known.roles.user),
    status: has(known.roles.status),
    model: has(known.roles.model),
    tokens: has(known.roles.tokens),
    text: known.roles.text.filter((name) => columns.has(name)),
    prompt: has(known.roles.prompt),
    answer: has(known.roles.answer),
  };
  const guesses = (Object.keys(roles) as (keyof Roles)[]).flatMap((role): RoleGuess[] => {
    const value = roles[role];
    const named =
      value === null
        ? []
        : typeof value === "string"
          ? [value]
          : Array.isArray(value)
            ? value
            : [value.column];
    if (named.length === 0) return [];
    return [{ role, columns: named, confidence: "sure", reasonKey: "preset", details: { preset } }];
  });
  return { roles, guesses };
}

/** What cannot be done with this table and why. `stop`: it cannot be a dataset at all. */
export function blocksOf(
  table: Pick<TableSummary, "kind" | "key" | "columns">,
  roles: Roles,
  viaParent: boolean,
): TableBlock[] {
  if (table.kind === "view" || table.kind === "foreign") {
    return [{ key: table.kind, cannot: ["manage"], severity: "stop", details: {} }];
  }
  if (table.kind === "partition") {
    return [{ key: "partition", cannot: ["manage"], severity: "stop", details: {} }];
  }
  if (table.columns.length === 0)
    return [{ key: "noRows", cannot: ["manage"], severity: "stop", details: {} }];
  const blocks: TableBlock[] = [];
  if (roles.key.length === 0) {
    blocks.push({ key: "noKey", cannot: ["archive", "restore"], severity: "info", details: {} });
  }
  if (roles.key.length > 1) {
    blocks.push({
      key: "compositeKey",
      cannot: [],
      severity: "info",
      details: { columns: roles.key.join(", ") },
    });
  }
  if (!roles.time && !viaParent) {
    blocks.push({ key: "noTime", cannot: ["archive", "months"], severity: "info", details: {} });
  }
  if (viaParent) blocks.push({ key: "viaParent", cannot: [], severity: "info", details: {} });
  const searchable = table.columns.some(({ type }) => ["text", "json"].includes(classOf(type)));
  if (roles.text.length === 0) {
    blocks.push({
      key: "noText",
      cannot: ["search"],
      severity: "info",
      details: { possible: searchable ? 1 : 0 },
    });
  }
  return blocks;
}
