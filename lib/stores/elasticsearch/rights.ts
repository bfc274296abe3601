import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import { statusOf } from "@/lib/stores/elasticsearch/errors";
import type { Limit, Right } from "@/lib/stores/store";

/** Privileges by what lacks without them, as the roles of Elasticsearch name them. */
const CLUSTER = [{ privilege: "monitor", costKey: "esMonitor" }] as const;
const INDEX = [
  { privilege: "view_index_metadata", costKey: "esMetadata" },
  { privilege: "monitor", costKey: "esIndexMonitor" },
  { privilege: "read", costKey: "esRead" },
  { privilege: "create_doc", costKey: "esCreate" },
  { privilege: "delete", costKey: "esDelete" },
  { privilege: "maintenance", costKey: "esMaintenance" },
  { privilege: "manage", costKey: "esManage" },
] as const;

interface PrivilegesAnswer {
  username: string;
  cluster: Record<string, boolean>;
  index: Record<string, Record<string, boolean>>;
}

/** The role that has it all, ready to send; `*` may be narrowed to the indices that are wanted. */
const roleRequest = (cluster: readonly string[], index: readonly string[]): string =>
  `PUT /_security/role/strata ${JSON.stringify({ cluster, indices: [{ names: ["*"], privileges: index }] })}`;

/** A role may be for some indices only: those it shows are asked about, and every one must have the privilege. */
async function visible(handle: EsHandle, signal: AbortSignal): Promise<string[]> {
  const found = await handle.optional<Record<string, unknown>>("/_alias", signal);
  const names = Object.keys(found ?? {}).filter((name) => !name.startsWith("."));
  return names.length > 0 ? names.slice(0, MOST_NAMES) : ["*"];
}

const MOST_NAMES = 200;

/** What the account may do, where the server has security and tells. */
export async function rightsOf(
  handle: EsHandle,
  signal: AbortSignal,
): Promise<{ rights: Right[]; limits?: Limit[] }> {
  let answer: PrivilegesAnswer;
  const names = await visible(handle, signal);
  try {
    answer = await handle.json<PrivilegesAnswer>({
      method: "POST",
      path: "/_security/user/_has_privileges",
      body: {
        cluster: CLUSTER.map(({ privilege }) => privilege),
        index: [{ names, privileges: INDEX.map(({ privilege }) => privilege) }],
      },
      signal,
    });
  } catch (error) {
    const status = statusOf(error) ?? 0;
    if (![400, 403, 404, 405, 500, 501].includes(status)) throw error;
    const open = handle.config.user === "" && handle.config.apiKey === "";
    return {
      rights: [],
      limits: [{ key: open ? "esOpen" : "esRightsUnknown", severity: "info", details: {} }],
    };
  }
  const holds = (privilege: string) => names.every((name) => answer.index?.[name]?.[privilege] === true);
  const right = (name: string, ok: boolean, costKey: string, grant: string): Right => ({
    name,
    granted: ok,
    costKey,
    grant: ok ? null : grant,
  });
  return {
    rights: [
      ...CLUSTER.map(({ privilege, costKey }) =>
        right(
          `cluster:${privilege}`,
          answer.cluster?.[privilege] === true,
          costKey,
          roleRequest([privilege], []),
        ),
      ),
      ...INDEX.map(({ privilege, costKey }) =>
        right(privilege, holds(privilege), costKey, roleRequest([], [privilege])),
      ),
    ],
  };
}
