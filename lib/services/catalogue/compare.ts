import { authorize } from "@/lib/auth/authorize";
import type { CatalogueDto } from "@/lib/schemas/settings";
import type { Actor } from "@/lib/schemas/user";
import { compareCatalogue as compare } from "@/lib/segments/catalogue";
import { walkStores } from "@/lib/services/catalogue/walk";

/** Compares the manifests in all object stores with the catalogue. Changes nothing but the stored result. */
export async function compareCatalogue(
  actor: Actor,
  _input: Record<string, never> = {},
): Promise<CatalogueDto> {
  authorize(actor, "catalogue.compare");
  return walkStores(compare);
}
