import { allows, authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import type { PaletteDto, PaletteItem } from "@/lib/schemas/shell";
import type { Actor } from "@/lib/schemas/user";

const PAGES = ["overview", "stores", "datasets", "operations", "search", "audit", "settings"];
const MOST = 500;

/** Everything ⌘K can lead to: pages, datasets, stores, the last operations, and what this role may begin. */
export async function getPalette(actor: Actor): Promise<PaletteDto> {
  authorize(actor, "overview.read");
  const [datasets, stores, operations] = await Promise.all([
    db().dataset.findMany({
      select: { id: true, name: true, store: { select: { name: true } } },
      orderBy: { name: "asc" },
      take: MOST,
    }),
    db().store.findMany({
      select: { id: true, name: true, kind: true },
      orderBy: { name: "asc" },
      take: MOST,
    }),
    db().operation.findMany({
      select: { id: true, title: true, state: true },
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      take: 20,
    }),
  ]);
  const pages = PAGES.map<PaletteItem>((page) => ({
    type: "page",
    id: page,
    label: page,
    hint: null,
    href: page === "overview" ? "/" : `/${page}`,
  }));
  return {
    items: [
      ...pages,
      ...datasets.map<PaletteItem>((row) => ({
        type: "dataset",
        id: row.id,
        label: row.name,
        hint: row.store.name,
        href: `/datasets/${row.id}`,
      })),
      ...stores.map<PaletteItem>((row) => ({
        type: "store",
        id: row.id,
        label: row.name,
        hint: row.kind,
        href: `/stores/${row.id}`,
      })),
      ...operations.map<PaletteItem>((row) => ({
        type: "operation",
        id: row.id,
        label: row.title,
        hint: row.state,
        href: `/operations/${row.id}`,
      })),
      ...actionsOf(actor, datasets),
    ],
  };
}

function actionsOf(actor: Actor, datasets: readonly { id: string; name: string }[]): PaletteItem[] {
  const items: PaletteItem[] = [];
  if (allows(actor.role, "store.write")) {
    items.push({ type: "action", id: "addStore", label: "addStore", hint: null, href: "/stores/new" });
  }
  if (!allows(actor.role, "operation.plan")) return items;
  for (const { id, name } of datasets) {
    items.push(
      { type: "action", id: `archive:${id}`, label: "archive", hint: name, href: `/datasets/${id}/archive` },
      {
        type: "action",
        id: `optimize:${id}`,
        label: "optimize",
        hint: name,
        href: `/datasets/${id}/optimize`,
      },
    );
  }
  return items;
}
