import { type Family, type FamilyDataset, hotTables } from "@/lib/datasets/family";
import { cannotMoveKinds } from "@/lib/operations/archive/table-kinds";
import type { Risk } from "@/lib/schemas/plan";
import type { ForeignKey, TableRef, TableShape } from "@/lib/stores/table";

const fullName = (ref: TableRef): string => `${ref.schema}.${ref.name}`;
const sameTable = (a: TableRef, b: TableRef): boolean => a.schema === b.schema && a.name === b.name;

/** How the store makes an index; absent where it cannot be told. */
type CreateIndex = ((table: TableRef, columns: readonly string[]) => string) | undefined;

/** What the shapes of a family's tables say about moving their rows. Pure. */
export function shapeRisks(family: Family, shapes: readonly TableShape[], createIndex?: CreateIndex): Risk[] {
  return shapes.flatMap((shape, at) => {
    const member = family.members[at];
    if (!member) return [];
    return [
      ...kindRisks(shape),
      ...keyRisks(member, shape),
      ...foreignKeyRisks(family, shape),
      ...triggerRisks(shape),
      ...(shape.rowSecurity ? [risk("warn", "rowSecurity", { table: fullName(shape.ref) })] : []),
      ...(at === 0 ? timeRisks(member, shape, createIndex) : linkRisks(member, shape, createIndex)),
    ];
  });
}

function kindRisks(shape: TableShape): Risk[] {
  if (!cannotMoveKinds.includes(shape.kind)) return [];
  return [risk("stop", "notATable", { table: fullName(shape.ref), kind: shape.kind })];
}

function keyRisks(member: FamilyDataset, shape: TableShape): Risk[] {
  const table = fullName(shape.ref);
  const unknown = member.key.filter((column) => !shape.columns.some(({ name }) => name === column));
  if (unknown.length > 0) return [risk("stop", "keyColumnMissing", { table, column: unknown.join(", ") })];
  const isKey = shape.key?.every((column) => member.key.includes(column));
  if (isKey && member.key.length > 0) return [];
  return [risk("stop", "noKey", { table })];
}

function timeRisks(member: FamilyDataset, shape: TableShape, createIndex: CreateIndex): Risk[] {
  const table = fullName(shape.ref);
  const time = member.roles.time?.column ?? "";
  const column = shape.columns.find(({ name }) => name === time);
  if (!column) return [risk("stop", "timeColumnMissing", { table, column: time })];
  const risks: Risk[] = [];
  if (!shape.indexes.some((index) => index.valid && index.columns[0] === time)) {
    risks.push(
      withFix(risk("warn", "noTimeIndex", { table, column: time }), createIndex?.(shape.ref, [time])),
    );
  }
  if (column.nullable) risks.push(risk("info", "nullTimes", { table, column: time }));
  return risks;
}

function linkRisks(member: FamilyDataset, shape: TableShape, createIndex: CreateIndex): Risk[] {
  const column = member.via?.column ?? "";
  const table = fullName(shape.ref);
  if (!shape.columns.some(({ name }) => name === column)) {
    return [risk("stop", "linkColumnMissing", { table, column })];
  }
  if (shape.indexes.some((index) => index.valid && index.columns[0] === column)) return [];
  return [withFix(risk("warn", "noLinkIndex", { table, column }), createIndex?.(shape.ref, [column]))];
}

const withFix = (one: Risk, statement: string | undefined): Risk =>
  statement === undefined ? one : { ...one, fix: [statement] };

/**
 * A table outside the family whose rows point here would lose what it points at, or be deleted along; one inside that
 * points here by another column than its link would lose rows that stay.
 */
function foreignKeyRisks(family: Family, shape: TableShape): Risk[] {
  const inside = hotTables(family);
  const within = shape.incoming.filter(
    (key) =>
      inside.some((table) => sameTable(table, key.table)) &&
      changesRows(key) &&
      !alongLink(family, shape, key),
  );
  const cascades = within.map((key) =>
    risk("stop", "cascadeInside", {
      table: fullName(shape.ref),
      child: fullName(key.table),
      constraint: key.name,
      column: key.columns.join(", "),
      onDelete: key.onDelete,
    }),
  );
  const outside = shape.incoming
    .filter((key) => !inside.some((table) => sameTable(table, key.table)))
    .map((key) =>
      risk("stop", "incomingForeignKey", {
        table: fullName(shape.ref),
        child: fullName(key.table),
        constraint: key.name,
        onDelete: key.onDelete,
      }),
    );
  return [...cascades, ...outside];
}

const changesRows = ({ onDelete }: ForeignKey): boolean =>
  onDelete !== "no action" && onDelete !== "restrict";

/** The foreign key behind the family's own link: its rows go first, so nothing is left for it to change. */
function alongLink(family: Family, parent: TableShape, key: ForeignKey): boolean {
  return family.members.some(
    ({ table, via }) =>
      via !== null &&
      sameTable(table, key.table) &&
      sameTable(family.members[via.member]?.table ?? table, parent.ref) &&
      key.columns.includes(via.column) &&
      key.referencedColumns[key.columns.indexOf(via.column)] === via.parentColumn,
  );
}

function triggerRisks(shape: TableShape): Risk[] {
  return shape.triggers
    .filter((trigger) => trigger.events.some((event) => /delete|truncate/i.test(event)))
    .map((trigger) => risk("warn", "triggers", { table: fullName(shape.ref), trigger: trigger.name }));
}

export const risk = (severity: Risk["severity"], key: string, details: Risk["details"]): Risk => ({
  severity,
  key,
  details,
});
