import { useTranslations } from "next-intl";
import type { Roles } from "@/lib/schemas/dataset";

const SHOWN = ["time", "tenant", "user", "model", "prompt", "answer"] as const;

/** The roles that were found, in one line: `time created_at · user from_account_id`. */
export function RoleWords({ roles }: { roles: Roles }) {
  const t = useTranslations("datasets");
  const found = SHOWN.flatMap((role) => {
    const value = roles[role];
    const column = typeof value === "string" ? value : value?.column;
    return column ? [{ role, column }] : [];
  });
  return (
    <span className="flex flex-wrap gap-x-3 text-xs">
      {found.map(({ role, column }) => (
        <span key={role} className="whitespace-nowrap">
          <span className="text-muted">{t(`roles.${role}`)}</span> <code>{column}</code>
        </span>
      ))}
    </span>
  );
}
