import { useLocale, useTranslations } from "next-intl";
import { CodeBlock } from "@/components/ui/code-block";
import { Panel } from "@/components/ui/panel";
import { ToneIcon } from "@/components/ui/tone";
import { formatBytes } from "@/lib/format/bytes";
import { formatCount } from "@/lib/format/count";
import { formatDuration } from "@/lib/format/duration";
import type { HealthDto, LimitDto, RightDto } from "@/lib/schemas/store";

/** Rights found, what each missing one costs and the statement that grants it; limits found. */
export function RightsPanel({ health }: { health: HealthDto }) {
  const t = useTranslations("stores");
  return (
    <Panel title={t("rightsTitle")}>
      <RightList rights={health.rights} />
      <LimitList limits={health.limits} />
    </Panel>
  );
}

export function RightList({ rights }: { rights: readonly RightDto[] }) {
  const t = useTranslations("stores");
  if (rights.length === 0) return <p className="text-sm text-muted">{t("noRights")}</p>;
  return (
    <ul className="divide-y divide-line text-sm">
      {rights.map((right) => (
        <li key={`${right.name}:${right.costKey}`} className="flex gap-2.5 py-2">
          <span className="flex h-5 items-center">
            <ToneIcon tone={right.granted ? "ok" : "warn"} />
          </span>
          <div className="flex min-w-0 flex-1 flex-col gap-1.5">
            <div>
              <code>{right.name}</code>{" "}
              <span className="text-xs text-muted">{t(right.granted ? "granted" : "missing")}</span>
              {!right.granted && (
                <p>{t.has(`rights.${right.costKey}`) ? t(`rights.${right.costKey}`) : right.costKey}</p>
              )}
            </div>
            {!right.granted && right.grant && <CodeBlock code={right.grant} label={t("grantIt")} wrap />}
          </div>
        </li>
      ))}
    </ul>
  );
}

/** Figures of a limit get their unit from their name. */
function useLimitDetails() {
  const locale = useLocale();
  return (details: LimitDto["details"]) =>
    Object.fromEntries(
      Object.entries(details).map(([name, value]) => {
        if (typeof value !== "number") return [name, value];
        if (name.endsWith("Bytes")) return [name, formatBytes(value, locale)];
        if (name.endsWith("Ms")) return [name, formatDuration(value, locale)];
        return [name, formatCount(value, locale)];
      }),
    );
}

export function LimitList({ limits }: { limits: readonly LimitDto[] }) {
  const t = useTranslations("stores");
  const details = useLimitDetails();
  if (limits.length === 0) return null;
  return (
    <ul
      aria-label={t("limitsTitle")}
      className="mt-2 flex flex-col gap-1.5 border-t border-line pt-2.5 text-sm"
    >
      {limits.map((limit) => (
        <li key={limit.key} className="flex gap-2.5">
          <span className="flex h-5 items-center">
            <ToneIcon tone={limit.severity === "warning" ? "warn" : "info"} />
          </span>
          <span className="min-w-0 [overflow-wrap:anywhere]">
            {t.has(`limits.${limit.key}`) ? t(`limits.${limit.key}`, details(limit.details)) : limit.key}
          </span>
        </li>
      ))}
    </ul>
  );
}
