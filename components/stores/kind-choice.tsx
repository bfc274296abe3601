"use client";
import { useTranslations } from "next-intl";
import { classNames } from "@/components/ui/class-names";
import type { StoreDriverDto } from "@/lib/schemas/store";
import { KindIcon } from "./kind-icon";

/** Every kind of store as a card: what it is called and what it is good for. One of them is chosen. */
export function KindChoice({
  drivers,
  chosen,
  onChoose,
}: {
  drivers: readonly StoreDriverDto[];
  chosen: string;
  onChoose: (kind: string) => void;
}) {
  const t = useTranslations("stores");
  return (
    <div className="grid gap-2 sm:grid-cols-2">
      {drivers.map((driver) => (
        <KindCard
          key={driver.kind}
          driver={driver}
          checked={driver.kind === chosen}
          hint={t.has(`kindHints.${driver.kind}`) ? t(`kindHints.${driver.kind}`) : undefined}
          onChoose={() => onChoose(driver.kind)}
        />
      ))}
    </div>
  );
}

function KindCard({
  driver,
  checked,
  hint,
  onChoose,
}: {
  driver: StoreDriverDto;
  checked: boolean;
  hint: string | undefined;
  onChoose: () => void;
}) {
  const id = `kind-${driver.kind}`;
  return (
    <label
      htmlFor={id}
      className={classNames(
        "relative flex cursor-pointer items-start gap-2.5 rounded-md border p-3 text-sm transition-colors focus-within:outline-2 focus-within:outline-accent",
        checked ? "border-accent bg-accent-soft" : "border-line hover:border-line-strong",
      )}
    >
      <input
        type="radio"
        id={id}
        name="kind"
        aria-label={driver.label}
        aria-describedby={hint ? `${id}-hint` : undefined}
        checked={checked}
        onChange={onChoose}
        className="absolute inset-0 size-full cursor-pointer opacity-0"
      />
      <KindIcon family={driver.family} />
      <span className="min-w-0">
        <span className="font-medium">{driver.label}</span>
        {hint && (
          <span id={`${id}-hint`} className="mt-0.5 block text-xs text-muted">
            {hint}
          </span>
        )}
      </span>
    </label>
  );
}
