"use client";
import { useRouter, useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { Select } from "@/components/ui/input";
import { OPERATION_STATES } from "@/lib/schemas/operation";

/** State and kind, kept in the address. */
export function OperationFilters({ kinds }: { kinds: readonly string[] }) {
  const t = useTranslations("operationsPage");
  const states = useTranslations("states");
  const router = useRouter();
  const params = useSearchParams();
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(params);
    next.delete("cursor");
    if (value) next.set(name, value);
    else next.delete(name);
    router.replace(`/operations?${next}`, { scroll: false });
  };
  return (
    <div className="flex flex-wrap gap-2">
      <Select
        className="w-44"
        aria-label={t("state")}
        placeholder={t("anyState")}
        value={params.get("state") ?? ""}
        onChange={(event) => set("state", event.target.value)}
        options={[
          { value: "active", label: t("active") },
          ...OPERATION_STATES.map((state) => ({ value: state, label: states(state) })),
        ]}
      />
      <Select
        className="w-44"
        aria-label={t("kind")}
        placeholder={t("anyKind")}
        value={params.get("kind") ?? ""}
        onChange={(event) => set("kind", event.target.value)}
        options={kinds.map((kind) => ({ value: kind, label: t(`kinds.${kind}`) }))}
      />
    </div>
  );
}
