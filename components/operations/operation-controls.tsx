"use client";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { cancelOperation, pauseOperation, resumeOperation, setThrottle } from "@/lib/actions/operations";
import type { OperationDetailDto } from "@/lib/schemas/operation";
import { ThrottleFields } from "./throttle-fields";
import { useOperationTitle } from "./use-operation-title";

type Props = { operation: OperationDetailDto };

/** Pause, resume, cancel and the throttle. What is asked for takes effect within two seconds. */
export function OperationControls({ operation }: Props) {
  const t = useTranslations("operationPage");
  const throttled = operation.kind === "archive" || operation.kind === "restore";
  return (
    <Panel title={throttled ? t("throttle") : t("controls")} unit={t("withinTwoSeconds")}>
      {throttled && <ThrottleForm key={JSON.stringify(operation.throttle)} operation={operation} />}
      <Buttons operation={operation} />
    </Panel>
  );
}

function ThrottleForm({ operation }: Props) {
  const t = useTranslations("operationPage");
  const [draft, setDraft] = useState(operation.throttle);
  const { run, pending, error } = useAction(setThrottle);
  const changed = JSON.stringify(draft) !== JSON.stringify(operation.throttle);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        run({ operationId: operation.operationId, throttle: draft });
      }}
    >
      <ThrottleFields value={draft} onChange={setDraft} />
      {error && <Notice tone="bad">{error.message}</Notice>}
      {changed && (
        <div className="mb-3 flex gap-2">
          <Button type="submit" tone="primary" size="sm" pending={pending}>
            {t("applyThrottle")}
          </Button>
          <Button size="sm" onClick={() => setDraft(operation.throttle)}>
            {t("discard")}
          </Button>
        </div>
      )}
    </form>
  );
}

function Buttons({ operation }: Props) {
  const t = useTranslations("operationPage");
  const titleOf = useOperationTitle();
  const [asking, setAsking] = useState(false);
  const pause = useAction(pauseOperation);
  const resume = useAction(resumeOperation);
  const cancel = useAction(cancelOperation, () => setAsking(false));
  const paused = operation.state === "paused" || operation.wanted === "pause";
  const error = pause.error ?? resume.error;
  useEffect(() => {
    if (operation.wanted === "cancel") setAsking(false);
  }, [operation.wanted]);
  const input = { operationId: operation.operationId };
  if (operation.wanted === "cancel") return <p className="text-sm text-muted">{t("cancelling")}</p>;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {paused ? (
        <Button tone="primary" pending={resume.pending} onClick={() => resume.run(input)}>
          {t("resume")}
        </Button>
      ) : (
        <Button pending={pause.pending} onClick={() => pause.run(input)}>
          {t("pause")}
        </Button>
      )}
      <ConfirmDialog
        trigger={<Button tone="danger-outline">{t("cancel")}</Button>}
        open={asking}
        onOpenChange={setAsking}
        title={t("cancelTitle", { title: titleOf(operation) })}
        description={t("cancelHint")}
        confirmLabel={t("cancelConfirm")}
        tone="danger"
        pending={cancel.pending}
        onConfirm={() => cancel.run(input)}
      >
        {cancel.error && <Notice tone="bad">{cancel.error.message}</Notice>}
      </ConfirmDialog>
      {paused && operation.state !== "paused" && <span className="text-xs text-muted">{t("pausing")}</span>}
      {error && <Notice tone="bad">{error.message}</Notice>}
    </div>
  );
}
