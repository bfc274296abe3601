import { headers } from "next/headers";
import { unauthenticated } from "@/lib/auth/authorize";
import { assertSameOrigin } from "@/lib/auth/origin";
import { currentUser, type SignedIn } from "@/lib/auth/session";
import type { ActionResult } from "@/lib/schemas/action";
import { errorDto } from "@/lib/services/error-dto";

/**
 * A server action over a service: refuses foreign origins and whoever is not signed in; the service authorises and
 * parses. Never throws: what went wrong is in the result.
 */
export function createAction<Input, Output>(service: (actor: SignedIn, input: Input) => Promise<Output>) {
  return async (input: Input): Promise<ActionResult<Output>> => {
    try {
      const head = await headers();
      assertSameOrigin(head);
      const actor = await currentUser(head);
      if (!actor) throw unauthenticated();
      return { ok: true, data: await service(actor, input) };
    } catch (error) {
      return { ok: false, error: errorDto(error, service.name) };
    }
  };
}
