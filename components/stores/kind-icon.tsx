import { Boxes, Braces, Database, KeyRound, type LucideIcon, ScanSearch, ScrollText } from "lucide-react";
import type { StoreDriverDto } from "@/lib/schemas/store";

const ICONS: Record<StoreDriverDto["family"], LucideIcon> = {
  sql: Database,
  search: ScanSearch,
  document: Braces,
  keyValue: KeyRound,
  objects: Boxes,
  log: ScrollText,
};

/** What sort of store it is, at a glance. */
export function KindIcon({ family, size = 18 }: { family: StoreDriverDto["family"]; size?: number }) {
  const Icon = ICONS[family];
  return <Icon aria-hidden size={size} className="shrink-0 text-muted" />;
}
