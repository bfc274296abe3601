"use client";
import { useTranslations } from "next-intl";
import type { Throttle } from "@/lib/schemas/operation";
import type { OperationKind } from "@/lib/schemas/plan";
import { ThrottleFields } from "./throttle-fields";

const THROTTLED: readonly OperationKind[] = ["archive", "restore"];

/** How gently it shall run; closed until somebody wants to change it. */
export function PlanSettings({
  throttle,
  onChange,
  kind,
}: {
  throttle: Throttle;
  onChange: (throttle: Throttle) => void;
  kind: OperationKind;
}) {
  const t = useTranslations("throttle");
  if (!THROTTLED.includes(kind)) return null;
  return (
    <details>
      <summary className="cursor-pointer text-sm font-semibold">
        {t("title")}{" "}
        <span className="font-normal text-muted">
          {t("summary", { rows: throttle.batchRows, rest: Math.round(throttle.restRatio * 100) })}
        </span>
      </summary>
      <div className="mt-3 max-w-xl">
        <ThrottleFields value={throttle} onChange={onChange} />
      </div>
    </details>
  );
}
