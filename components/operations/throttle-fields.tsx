"use client";
import { useTranslations } from "next-intl";
import { Field } from "@/components/ui/field";
import { Input, Select } from "@/components/ui/input";
import type { Throttle } from "@/lib/schemas/operation";

const RESTS = [0, 0.2, 0.5, 0.8, 0.95];

interface Props {
  value: Throttle;
  onChange: (throttle: Throttle) => void;
}

/** The knobs of a running operation, each with its unit in its label. */
export function ThrottleFields({ value, onChange }: Props) {
  const t = useTranslations("throttle");
  const set = (part: Partial<Throttle>) => onChange({ ...value, ...part });
  return (
    <div className="flex flex-col divide-y divide-line *:py-2">
      <Field label={t("batchRows")} layout="row">
        <NumberInput
          value={value.batchRows}
          min={10}
          max={100_000}
          onChange={(batchRows) => set({ batchRows })}
        />
      </Field>
      <Field label={t("targetBatchMs")} layout="row">
        <NumberInput
          value={value.targetBatchMs}
          min={50}
          max={30_000}
          onChange={(targetBatchMs) => set({ targetBatchMs })}
        />
      </Field>
      <Field label={t("rest")} layout="row">
        <Select
          value={String(value.restRatio)}
          onChange={(event) => set({ restRatio: Number(event.target.value) })}
          options={[...new Set([...RESTS, value.restRatio])].sort().map((rest) => ({
            value: String(rest),
            label: t("restOption", { percent: Math.round((1 - rest) * 100) }),
          }))}
        />
      </Field>
      <Field label={t("lockTimeoutMs")} layout="row">
        <NumberInput
          value={value.lockTimeoutMs}
          min={100}
          max={600_000}
          onChange={(lockTimeoutMs) => set({ lockTimeoutMs })}
        />
      </Field>
      <Field label={t("maxReplicaLagMs")} hint={t("replicaHint")} layout="row">
        <NumberInput
          value={value.maxReplicaLagMs}
          min={100}
          max={3_600_000}
          empty={() => set({ maxReplicaLagMs: null })}
          onChange={(maxReplicaLagMs) => set({ maxReplicaLagMs })}
        />
      </Field>
      <WindowFields value={value} onChange={onChange} />
    </div>
  );
}

function NumberInput({
  value,
  min,
  max,
  onChange,
  empty,
}: {
  value: number | null;
  min: number;
  max: number;
  onChange: (value: number) => void;
  empty?: () => void;
}) {
  return (
    <Input
      type="number"
      inputMode="numeric"
      min={min}
      max={max}
      value={value ?? ""}
      onChange={(event) => {
        if (event.target.value === "") empty?.();
        else onChange(Math.min(max, Number(event.target.value)));
      }}
    />
  );
}

function WindowFields({ value, onChange }: Props) {
  const t = useTranslations("throttle");
  const window = value.window;
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const set = (part: { from?: string; until?: string }) => {
    const from = part.from ?? window?.from ?? "";
    const until = part.until ?? window?.until ?? "";
    onChange({
      ...value,
      window:
        from && until
          ? { from, until, timeZone }
          : from || until
            ? { from: from || "00:00", until: until || "06:00", timeZone }
            : null,
    });
  };
  return (
    <Field
      label={t("window")}
      hint={window ? t("windowZone", { zone: window.timeZone }) : t("windowAlways")}
      layout="row"
    >
      <div className="flex items-center gap-2">
        <Input
          type="time"
          aria-label={t("windowFrom")}
          value={window?.from ?? ""}
          onChange={(event) => set({ from: event.target.value })}
        />
        <span aria-hidden>–</span>
        <Input
          type="time"
          aria-label={t("windowUntil")}
          value={window?.until ?? ""}
          onChange={(event) => set({ until: event.target.value })}
        />
      </div>
    </Field>
  );
}
