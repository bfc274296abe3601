import { authorize } from "@/lib/auth/authorize";
import type { CatalogueDto } from "@/lib/schemas/settings";
import type { Actor } from "@/lib/schemas/user";
import { rebuildCatalogue as rebuild } from "@/lib/segments/catalogue";
import { keepAudit } from "@/lib/services/audit/spool";
import { walkStores } from "@/lib/services/catalogue/walk";

/** Makes the catalogue agree with the manifests in the object stores, and tells what it could not mend. */
export async function rebuildCatalogue(
  actor: Actor,
  _input: Record<string, never> = {},
): Promise<CatalogueDto> {
  authorize(actor, "catalogue.rebuild");
  const result = await walkStores(rebuild);
  await keepAudit(
    {
      action: "catalogue.rebuild",
      subject: result.stores.map((store) => store.name).join(", "),
      details: { segments: result.stores.reduce((sum, store) => sum + store.segments, 0) },
    },
    actor,
  );
  return result;
}
