import { AppError } from "@/lib/errors";
import { driverOf } from "@/lib/services/stores/driver";
import type { StoreDriver } from "@/lib/stores/store";

type Values = Record<string, string | number | boolean | null>;

export interface SplitConfig {
  /** Parsed by the driver, secrets included: what it opens with. */
  config: unknown;
  /** As kept in the clear. */
  open: Record<string, unknown>;
  /** As sealed; empty when there is none. */
  secrets: Record<string, unknown>;
}

/**
 * Field values of a form as a driver's configuration. `saved` fills in what was left out: a secret field that is
 * left empty keeps its saved value. Throws `bad_input` with a sentence per field.
 */
export function parseConfig(kind: string, values: Values, saved: Record<string, unknown> = {}): SplitConfig {
  const driver = driverOf(kind);
  refuseUnknown(driver, values);
  refuseElsewhere(driver, values, saved);
  const given = Object.fromEntries(
    driver.fields.flatMap(({ name, type }) => {
      const value = asTyped(values[name], type);
      if (value !== undefined) return [[name, value]];
      // A field that was sent empty is cleared; only secrets stay as they were.
      const keeps = driver.secrets.includes(name) || !(name in values);
      return keeps && saved[name] !== undefined ? [[name, saved[name]]] : [];
    }),
  );
  const result = driver.config.safeParse(given);
  if (!result.success) {
    const fields: Record<string, string> = {};
    for (const issue of result.error.issues) fields[String(issue.path[0] ?? "form")] ??= issue.message;
    throw new AppError("bad_input", "Some fields do not fit. Nothing was saved.", {
      fields,
      key: "badInput",
    });
  }
  const parsed = Object.entries(Object(result.data));
  const isSecret = ([name]: [string, unknown]) => driver.secrets.includes(name);
  return {
    config: result.data,
    open: Object.fromEntries(parsed.filter((entry) => !isSecret(entry))),
    secrets: Object.fromEntries(parsed.filter((entry) => isSecret(entry) && entry[1] !== undefined)),
  };
}

/** Where a store is reached; what else may change without its secrets going to somebody else. */
const ADDRESS = ["host", "port", "endpoint", "proxy"];
/** Several places, one a line: each of them is sent the same secrets. */
const ADDRESSES = ["hosts", "replicas"];

const placesOf = (value: unknown): string[] =>
  String(value ?? "")
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** A saved secret is only ever sent to where it was saved for. */
function refuseElsewhere(driver: StoreDriver, values: Values, saved: Record<string, unknown>): void {
  const moved = driver.fields.some(({ name, type }) => {
    const value = asTyped(values[name], type);
    if (ADDRESSES.includes(name)) {
      const known = placesOf(saved[name]);
      return placesOf(value).some((place) => !known.includes(place));
    }
    return (
      ADDRESS.includes(name) && saved[name] !== undefined && value !== undefined && value !== saved[name]
    );
  });
  const kept = driver.secrets.filter(
    (name) => asTyped(values[name], "password") === undefined && saved[name],
  );
  if (!moved || kept.length === 0) return;
  const sentence =
    "The address changed, so enter this again: the saved one is only sent to where it was saved for.";
  throw new AppError("bad_input", sentence, {
    key: "secretElsewhere",
    fields: Object.fromEntries(kept.map((name) => [name, sentence])),
  });
}

function refuseUnknown(driver: StoreDriver, values: Values): void {
  const known = new Set(driver.fields.map((field) => field.name));
  const unknown = Object.keys(values).filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  const fields = Object.fromEntries(unknown.map((name) => [name, `${driver.label} has no field "${name}".`]));
  throw new AppError("bad_input", `Unknown fields: ${unknown.join(", ")}. Nothing was saved.`, {
    fields,
    key: "badInput",
  });
}

/** Forms send text; an empty field is none at all. */
function asTyped(value: Values[string] | undefined, type: string): string | number | boolean | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (type !== "number" || typeof value !== "string") return value;
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}
