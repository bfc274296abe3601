import {
  Activity,
  Database,
  LayoutDashboard,
  type LucideIcon,
  ScrollText,
  Search,
  Settings,
  Table2,
} from "lucide-react";

/** The pages of the rail. `label` names a message under `shell.`; `key` follows `g` on the keyboard. */
export const PAGES = [
  { href: "/", label: "overview", icon: LayoutDashboard, key: "o" },
  { href: "/stores", label: "stores", icon: Database, key: "s" },
  { href: "/datasets", label: "datasets", icon: Table2, key: "d" },
  { href: "/operations", label: "operations", icon: Activity, key: "p" },
  { href: "/search", label: "search", icon: Search, key: "f" },
  { href: "/audit", label: "audit", icon: ScrollText, key: "a" },
  { href: "/settings", label: "settings", icon: Settings, key: "," },
] as const satisfies readonly { href: string; label: string; icon: LucideIcon; key: string }[];

export type PageLabel = (typeof PAGES)[number]["label"];

export const isCurrent = (href: string, pathname: string): boolean =>
  href === "/" ? pathname === "/" : pathname === href || pathname.startsWith(`${href}/`);
