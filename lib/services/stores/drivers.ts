import { authorize } from "@/lib/auth/authorize";
import type { StoreDriverDto } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { abilitiesOf, driverOf } from "@/lib/services/stores/driver";
import { STORE_KINDS } from "@/lib/stores/registry";

/** The kinds of stores that can be added, and what a form must ask for. Needs no connection. */
export async function listDrivers(actor: Actor): Promise<StoreDriverDto[]> {
  authorize(actor, "store.read");
  return STORE_KINDS.map((kind) => {
    const driver = driverOf(kind);
    return {
      kind,
      label: driver.label,
      family: driver.family,
      fields: driver.fields.map((field) =>
        field.type === "select" ? { ...field, options: [...field.options] } : { ...field },
      ),
      secrets: [...driver.secrets],
      abilities: abilitiesOf(kind),
      parsesUrl: driver.parseUrl !== undefined,
    };
  });
}
