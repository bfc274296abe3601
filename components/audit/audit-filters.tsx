"use client";
import { useRouter } from "next/navigation";
import { useTimeZone, useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Input, Select } from "@/components/ui/input";
import { dayOf, dayStart } from "@/lib/format/day";
import { AUDIT_OUTCOMES } from "@/lib/schemas/audit";
import { type AuditState, auditHref, isFiltered } from "./audit-state";

/** Beginnings of actions: `user.` stands for all of them. */
const AREAS = ["operation.", "dataset.", "store.", "search.", "catalogue.", "audit.", "user."] as const;

/** Who, what, on what, how it ended and when; kept in the address. Typed values count with Enter or on leaving. */
export function AuditFilters({ state }: { state: AuditState }) {
  const t = useTranslations("audit");
  const router = useRouter();
  const timeZone = useTimeZone() ?? "UTC";
  const go = (change: Partial<AuditState>) =>
    router.replace(auditHref({ ...state, cursor: "", ...change }), { scroll: false });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Select
        className="w-44 max-sm:min-w-36 max-sm:flex-1"
        aria-label={t("action")}
        placeholder={t("anyAction")}
        value={AREAS.find((area) => state.action.startsWith(area)) ?? ""}
        onChange={(event) => go({ action: event.target.value })}
        options={AREAS.map((area) => ({ value: area, label: t(`areas.${area.slice(0, -1)}`) }))}
      />
      <Select
        className="w-36 max-sm:min-w-36 max-sm:flex-1"
        aria-label={t("outcome")}
        placeholder={t("anyOutcome")}
        value={state.outcome}
        onChange={(event) => go({ outcome: AUDIT_OUTCOMES.find((one) => one === event.target.value) ?? "" })}
        options={AUDIT_OUTCOMES.map((outcome) => ({ value: outcome, label: t(`outcomes.${outcome}`) }))}
      />
      <Word name="actor" value={state.actor} label={t("actor")} onCommit={(actor) => go({ actor })} />
      <Word
        name="subject"
        value={state.subject}
        label={t("subject")}
        onCommit={(subject) => go({ subject })}
      />
      <span className="flex items-center gap-1.5 text-xs text-muted max-sm:w-full">
        <Input
          type="date"
          aria-label={t("from")}
          title={t("from")}
          className="w-36 max-sm:flex-1"
          value={dayOf(state.from, timeZone)}
          onChange={(event) => go({ from: dayStart(event.target.value, timeZone) ?? "" })}
        />
        –
        <Input
          type="date"
          aria-label={t("until")}
          title={t("until")}
          className="w-36 max-sm:flex-1"
          value={dayOf(state.until, timeZone, 1)}
          onChange={(event) => go({ until: dayStart(event.target.value, timeZone, 1) ?? "" })}
        />
      </span>
      {isFiltered(state) && (
        <Button tone="ghost" onClick={() => router.replace("/audit", { scroll: false })}>
          {t("clear")}
        </Button>
      )}
    </div>
  );
}

function Word({
  name,
  value,
  label,
  onCommit,
}: {
  name: string;
  value: string;
  label: string;
  onCommit: (value: string) => void;
}) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    setText(value);
  }
  const commit = (event?: FormEvent) => {
    event?.preventDefault();
    if (text.trim() !== value) onCommit(text.trim());
  };
  return (
    <form onSubmit={commit} className="w-40 max-sm:min-w-32 max-sm:flex-1">
      <Input
        name={name}
        value={text}
        maxLength={200}
        placeholder={label}
        aria-label={label}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
        onBlur={() => commit()}
      />
    </form>
  );
}
