import { useTranslations } from "next-intl";
import { Fragment, type ReactNode } from "react";
import { classNames } from "./class-names";
import { ToneIcon } from "./tone";

export interface StepItem {
  key: string;
  label: ReactNode;
  state: "done" | "current" | "failed" | "pending";
  /** Beside the current one: `63 %`. */
  note?: ReactNode;
}

const LOOK: Record<StepItem["state"], string> = {
  done: "text-ok",
  current: "font-semibold text-ink",
  failed: "font-semibold text-bad",
  pending: "text-muted",
};

/** plan → copy → verify → delete → proof. */
export function Steps({ steps, label }: { steps: readonly StepItem[]; label: string }) {
  const t = useTranslations("common");
  return (
    <ol aria-label={label} className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-sm">
      {steps.map((step, index) => (
        <Fragment key={step.key}>
          {index > 0 && (
            <li aria-hidden className="text-muted">
              →
            </li>
          )}
          <li
            aria-current={step.state === "current" ? "step" : undefined}
            className={classNames("inline-flex items-center gap-1", LOOK[step.state])}
          >
            {step.state === "done" && <ToneIcon tone="ok" size={13} />}
            {step.state === "failed" && <ToneIcon tone="bad" size={13} />}
            {step.label}
            <span className="sr-only">({t(step.state)})</span>
            {step.note && <span className="text-accent">{step.note}</span>}
          </li>
        </Fragment>
      ))}
    </ol>
  );
}
