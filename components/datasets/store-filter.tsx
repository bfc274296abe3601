"use client";
import { useRouter, useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { Select } from "@/components/ui/input";

/** Datasets of one store, or of all; kept in the address. */
export function StoreFilter({ stores }: { stores: readonly { storeId: string; name: string }[] }) {
  const t = useTranslations("datasets");
  const router = useRouter();
  const params = useSearchParams();
  const choose = (storeId: string) => {
    const next = new URLSearchParams(params);
    if (storeId) next.set("store", storeId);
    else next.delete("store");
    router.replace(`/datasets?${next}`, { scroll: false });
  };
  return (
    <Select
      className="w-48"
      aria-label={t("columns.store")}
      placeholder={t("anyStore")}
      value={params.get("store") ?? ""}
      onChange={(event) => choose(event.target.value)}
      options={stores.map((store) => ({ value: store.storeId, label: store.name }))}
    />
  );
}
