import { AppError } from "@/lib/errors";
import { driverOf as registered, STORE_KINDS } from "@/lib/stores/registry";
import { ABILITIES, type Ability, type StoreDriver, type StoreFamily } from "@/lib/stores/store";

const isKind = (kind: string) => STORE_KINDS.some((known) => known === kind);

/** The driver of a kind. Throws `bad_input` (field kind) for a kind that this version does not know. */
export function driverOf(kind: string): StoreDriver {
  if (isKind(kind)) return registered(kind);
  const sentence = `There is no driver for stores of the kind "${kind}".`;
  throw new AppError("bad_input", sentence, {
    key: "unknownKind",
    details: { kind },
    fields: { kind: sentence },
  });
}

/** The label of a kind; the kind itself where a newer version wrote it. */
export const driverLabel = (kind: string): string => (isKind(kind) ? registered(kind).label : kind);

/** What sort of store a kind is; `sql` where a newer version wrote it. */
export const familyOfKind = (kind: string): StoreFamily => (isKind(kind) ? registered(kind).family : "sql");

/** Whether a kind knows an action of `optimize`. */
export const offersAction = (kind: string, action: string): boolean =>
  isKind(kind) && registered(kind).optimizeActions.some((known) => known.kind === action);

/** Kinds of stores that have an ability. */
export const driversWith = (ability: Ability): string[] =>
  STORE_KINDS.filter((kind) => registered(kind).abilities.includes(ability));

/** Every ability there is, and whether this kind has it: what is absent is shown as such. */
export const abilitiesOf = (kind: string) =>
  ABILITIES.map((name) => ({ name, has: driverOf(kind).abilities.includes(name) }));
