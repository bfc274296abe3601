"use client";
import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { Input } from "@/components/ui/input";
import { Panel } from "@/components/ui/panel";
import { TimeAgo } from "@/components/ui/time-ago";
import { startOperation } from "@/lib/actions/operations";
import { formatCount } from "@/lib/format/count";
import type { Throttle } from "@/lib/schemas/operation";
import { PLAN_MINUTES, type PlanDto } from "@/lib/schemas/plan";
import { BasisChanges } from "./basis-changes";
import { PlanSettings } from "./plan-settings";
import { useMinutesLeft } from "./use-minutes-left";

const DESTRUCTIVE = new Set(["archive", "restore", "relocate"]);

/** What stands between a plan and its effect: the typed name, a reason, and how gently it shall run. */
export function PlanRun({ plan }: { plan: PlanDto }) {
  const t = useTranslations("planPage");
  const locale = useLocale();
  const router = useRouter();
  const [confirm, setConfirm] = useState("");
  const [reason, setReason] = useState("");
  const [throttle, setThrottle] = useState<Throttle>(plan.throttle);
  const { run, pending, error } = useAction(startOperation, ({ operationId }) =>
    router.push(`/operations/${operationId}`),
  );
  const minutes = useMinutesLeft(plan.expiresAt);
  const typed = plan.confirm === null || confirm === plan.confirm;
  const danger = DESTRUCTIVE.has(plan.kind) || plan.confirm !== null;
  return (
    <Panel>
      <Form
        error={
          error && (
            <>
              {error.message} <BasisChanges details={error.details} />
            </>
          )
        }
        onSubmit={(event) => {
          event.preventDefault();
          run({ planId: plan.planId, confirm, reason, throttle });
        }}
      >
        <PlanSettings throttle={throttle} onChange={setThrottle} kind={plan.kind} />
        <div className="flex flex-wrap items-end gap-4">
          {plan.confirm !== null && (
            <Field
              label={t.rich("typeToRun", { b: (chunks) => <b>{chunks}</b>, name: plan.confirm })}
              error={error?.fields.confirm}
              className="w-64 max-sm:w-full"
            >
              <Input
                value={confirm}
                onChange={(event) => setConfirm(event.target.value)}
                autoComplete="off"
                spellCheck={false}
              />
            </Field>
          )}
          <Field
            label={t("reason")}
            required={plan.confirm !== null}
            error={error?.fields.reason}
            className="min-w-64 flex-1 max-sm:w-full"
          >
            <Input
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              placeholder={t("reasonHint")}
              maxLength={1000}
            />
          </Field>
          <Button
            type="submit"
            tone={danger ? "danger" : "primary"}
            pending={pending}
            disabled={!typed || minutes === 0}
          >
            {t(`run.${plan.kind}`, {
              rows: formatCount(plan.body.rowCount, locale),
              count: plan.body.rowCount,
            })}
          </Button>
        </div>
      </Form>
      <p className="mt-3 text-xs text-muted">
        {t("made")} <TimeAgo value={plan.createdAt} /> ·{" "}
        {minutes === 0 ? t("expired") : t("validFor", { minutes: minutes ?? PLAN_MINUTES })} ·{" "}
        {t("refusedIfChanged")}
      </p>
    </Panel>
  );
}
