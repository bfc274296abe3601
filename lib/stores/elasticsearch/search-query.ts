import { StoreError } from "@/lib/errors";
import { type EsRelation, fieldOf } from "@/lib/stores/elasticsearch/describe";
import { parseDate, tickFrom } from "@/lib/stores/elasticsearch/instant";
import type { FieldMapping } from "@/lib/stores/elasticsearch/mapper";
import { timeRange } from "@/lib/stores/elasticsearch/scope";
import type { RowQuery } from "@/lib/stores/rows";

const WORDS = new Set(["text", "match_only_text", "search_as_you_type", "annotated_text"]);
const WHOLE = new Set(["keyword", "constant_keyword", "wildcard", "flattened", "version"]);

/** Filters of a query, apart from where its page begins. */
export function filtersOf(relation: EsRelation, query: RowQuery): object[] {
  const { time } = query;
  const tick = (us: bigint | null) => (us === null || !time ? null : tickFrom(us, time.unit));
  return [
    ...(time && (query.fromUs !== null || query.untilUs !== null)
      ? [timeRange(time, tick(query.fromUs), tick(query.untilUs))]
      : []),
    ...query.equals.map(({ column, value }) => equalTo(relation, column, value)),
    ...query.terms.map((term) => termIn(relation, query.textColumns, term)),
  ];
}

/** The field that holds a text whole: the field itself, or the sub-field that dynamic mapping adds to a text. */
function wholeField(name: string, field: FieldMapping | undefined): string | null {
  if (!field) return null;
  if (field.type && WHOLE.has(field.type)) return name;
  const sub = Object.entries(field.fields ?? {}).find(([, { type }]) => type && WHOLE.has(type));
  return sub ? `${name}.${sub[0]}` : null;
}

const NOTHING = { match_none: {} };

function equalTo(relation: EsRelation, name: string, value: string): object {
  const column = relation.columns.find((one) => one.name === name);
  if (!column) return NOTHING;
  if (column.kind === "index") return { term: { _index: value } };
  if (column.kind === "id") return { ids: { values: [value] } };
  const field = fieldOf(relation, name);
  if (field?.index === false || field?.enabled === false) throw notIndexed(relation, name);
  switch (column.kind) {
    case "int64":
      return /^-?\d{1,19}$/.test(value) ? { term: { [name]: value } } : NOTHING;
    case "float64":
      return value !== "" && Number.isFinite(Number(value)) ? { term: { [name]: Number(value) } } : NOTHING;
    case "bool":
      return value === "true" || value === "false" ? { term: { [name]: value === "true" } } : NOTHING;
    case "date": {
      const ms = parseDate(value.replace(/\+00$/, "Z"));
      return ms === null ? NOTHING : { range: { [name]: { gte: ms, lt: ms + 1, format: "epoch_millis" } } };
    }
    default: {
      const whole = wholeField(name, field);
      return whole ? { term: { [whole]: value } } : { match_phrase: { [name]: value } };
    }
  }
}

/** Fields that a term is looked for in, each in the way its mapping allows. */
function termIn(relation: EsRelation, names: readonly string[], term: string): object {
  const ways = names.flatMap((name) => wayOf(name, fieldOf(relation, name), term));
  if (ways.length === 0) throw notIndexed(relation, names.join(", "));
  return { bool: { should: ways, minimum_should_match: 1 } };
}

function wayOf(name: string, field: FieldMapping | undefined, term: string): object[] {
  if (!field || field.index === false || field.enabled === false) return [];
  const type = field.type ?? "object";
  if (WORDS.has(type)) return [{ match_phrase: { [name]: term } }];
  if (type === "object" && field.properties)
    return [{ multi_match: { query: term, type: "phrase", fields: [`${name}.*`], lenient: true } }];
  if (!WHOLE.has(type)) return [];
  if (type === "flattened") return [{ term: { [name]: term } }];
  const value = `*${term.replace(/[\\*?]/g, "\\$&")}*`;
  return [{ wildcard: { [name]: { value, case_insensitive: true } } }];
}

const notIndexed = (relation: EsRelation, column: string) =>
  new StoreError(
    "refused",
    `The fields ${column} of ${relation.ref.name} are not indexed (enabled: false or index: false): they cannot be searched here. Once archived to cold they can.`,
    { key: "elasticsearch.notIndexed", details: { table: relation.ref.name, column } },
  );

/** Text fields of a query that a highlighter can show a piece of. */
export const highlighted = (relation: EsRelation, query: RowQuery): string[] =>
  query.textColumns.filter((name) => WORDS.has(fieldOf(relation, name)?.type ?? ""));
