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
  const granted = rights.filter((right) => right.granted);
  return (
    <ul className="divide-y divide-line text-sm">
      {rights
        .filter((right) => !right.granted)
        .map((right) => (
          <MissingRight key={`${right.name}:${right.costKey}`} right={right} />
        ))}
      {granted.length > 0 && (
        <li className="flex gap-2.5 py-2">
          <span className="flex h-5 items-center">
            <ToneIcon tone="ok" />
          </span>
          <div className="min-w-0">
            {t("granted")}
            <p className="flex flex-wrap gap-x-3 text-xs leading-5 text-muted">
              {granted.map((right) => (
                <code key={`${right.name}:${right.costKey}`}>{right.name}</code>
              ))}
            </p>
          </div>
        </li>
      )}
    </ul>
  );
}

function MissingRight({ right }: { right: RightDto }) {
  const t = useTranslations("stores");
  return (
    <li className="flex gap-2.5 py-2">
      <span className="flex h-5 items-center">
        <ToneIcon tone="warn" />
      </span>
      <div className="flex min-w-0 flex-1 flex-col gap-1.5">
        <div>
          <code>{right.name}</code> <span className="text-xs text-muted">{t("missing")}</span>
          <p>{t.has(`rights.${right.costKey}`) ? t(`rights.${right.costKey}`) : right.costKey}</p>
        </div>
        {right.grant && <CodeBlock code={right.grant} label={t("grantIt")} wrap />}
      </div>
    </li>
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
