import { authorize } from "@/lib/auth/authorize";
import { allowedHosts, saveAllowedHosts } from "@/lib/control/allowed-hosts";
import { db } from "@/lib/control/database";
import { type SetAllowedHostsInput, setAllowedHostsSchema } from "@/lib/schemas/settings";
import type { Actor } from "@/lib/schemas/user";
import { writeAudit } from "@/lib/services/audit/write";
import { parse } from "@/lib/services/parse";

/** Sets which hosts may be reached although they are link-local or metadata addresses. */
export async function setAllowedHosts(actor: Actor, input: SetAllowedHostsInput): Promise<string[]> {
  authorize(actor, "settings.write");
  const { hosts } = parse(setAllowedHostsSchema, input);
  const before = [...(await allowedHosts())];
  await db().$transaction(async (tx) => {
    await saveAllowedHosts(tx, hosts);
    await writeAudit(tx, actor, {
      action: "settings.allowHosts",
      subject: "allowedHosts",
      details: { before, after: hosts },
    });
  });
  return hosts;
}
