import { AppError } from "@/lib/errors";
import type { DatasetDto } from "@/lib/schemas/dataset";
import type { StoreDto } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { listDatasets } from "@/lib/services/datasets/list";
import { listStores } from "@/lib/services/stores/list";

/** A dataset by its name or id. Throws `not_found` with the names there are. */
export async function datasetNamed(actor: Actor, name: string): Promise<DatasetDto> {
  const all = await listDatasets(actor);
  const found = all.find((dataset) => dataset.name === name || dataset.datasetId === name);
  if (found) return found;
  throw none("dataset", name, all);
}

/** A store by its name or id. */
export async function storeNamed(actor: Actor, name: string): Promise<StoreDto> {
  const all = await listStores(actor);
  const found = all.find((store) => store.name === name || store.storeId === name);
  if (found) return found;
  throw none("store", name, all);
}

function none(what: string, name: string, all: readonly { name: string }[]): AppError {
  const names = all.map((one) => one.name).join(", ") || "none";
  return new AppError("not_found", `There is no ${what} called "${name}". There is: ${names}.`);
}

/** `90d`, `12w`, `2y` as days. Throws `bad_input` for anything else. */
export function daysOf(age: string): number {
  const found = /^(\d{1,5})([dwy])$/.exec(age);
  if (!found) throw new AppError("bad_input", `"${age}" is not an age. Write 90d, 12w or 2y.`);
  return Number(found[1]) * (found[2] === "d" ? 1 : found[2] === "w" ? 7 : 365);
}

/** A day or an instant as ISO; a bare day begins at midnight UTC. */
export function instantOf(text: string): string {
  const at = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (Number.isNaN(at.getTime()))
    throw new AppError("bad_input", `"${text}" is not a date. Write 2026-08-22.`);
  return at.toISOString();
}
