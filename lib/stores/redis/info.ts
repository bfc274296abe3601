import type { Node, Session } from "@/lib/stores/redis/client";
import { infoOf } from "@/lib/stores/redis/reply";

export interface NodeInfo {
  node: Node;
  label: string;
  values: ReadonlyMap<string, string>;
}

/** INFO of every node, in the order of the nodes. */
export async function readInfo(session: Session): Promise<{ nodes: NodeInfo[]; cluster: boolean }> {
  const { nodes, cluster } = await session.nodes();
  const infos = await Promise.all(
    nodes.map(async (node) => ({
      node,
      label: `${node.host}:${node.port}`,
      values: infoOf(await session.on(node, "INFO")),
    })),
  );
  return { nodes: infos, cluster };
}

/** A figure of INFO over all nodes; null when a node does not tell it. */
export function total(nodes: readonly NodeInfo[], name: string): number | null {
  let sum = 0;
  for (const { values } of nodes) {
    const text = values.get(name);
    if (text === undefined || !/^-?\d+(\.\d+)?$/.test(text)) return null;
    sum += Number(text);
  }
  return sum;
}

export const hitRatio = (nodes: readonly NodeInfo[]): number | null => {
  const hits = total(nodes, "keyspace_hits") ?? 0;
  const all = hits + (total(nodes, "keyspace_misses") ?? 0);
  return all === 0 ? null : hits / all;
};
