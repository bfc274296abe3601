"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useCallback, useState } from "react";
import { useAction } from "@/components/live/use-action";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input, Select } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { setPrices } from "@/lib/actions/stores";
import { CURRENCIES, type StorePricesDto } from "@/lib/schemas/price";

/** What the store costs: the figures behind "cost a month", set by an admin or assumed and marked so. */
export function PricePanel({
  storeId,
  prices,
  mayChange,
}: {
  storeId: string;
  prices: StorePricesDto;
  mayChange: boolean;
}) {
  const t = useTranslations("compare.prices");
  const router = useRouter();
  const [perGbMonth, setPerGbMonth] = useState(String(prices.perGbMonth));
  const [perMillionRequests, setPerMillionRequests] = useState(String(prices.perMillionRequests));
  const [currency, setCurrency] = useState<StorePricesDto["currency"]>(prices.currency);
  const done = useCallback(
    (saved: StorePricesDto) => {
      setPerGbMonth(String(saved.perGbMonth));
      setPerMillionRequests(String(saved.perMillionRequests));
      setCurrency(saved.currency);
      router.refresh();
    },
    [router],
  );
  const { run, pending, error } = useAction(setPrices, done);
  const errors = error?.fields ?? {};
  return (
    <Panel
      title={t("title")}
      unit={<Badge tone={prices.source === "default" ? "warn" : "ok"}>{t(prices.source)}</Badge>}
    >
      <p className="mb-3 text-sm text-muted">{t(prices.source === "default" ? "defaultHint" : "setHint")}</p>
      <form
        className="grid gap-3 sm:grid-cols-3"
        onSubmit={(event) => {
          event.preventDefault();
          run({ storeId, prices: { perGbMonth, perMillionRequests, currency } });
        }}
      >
        <Field label={t("perGbMonth")} error={errors["prices.perGbMonth"]}>
          <Input
            inputMode="decimal"
            value={perGbMonth}
            disabled={!mayChange}
            onChange={(event) => setPerGbMonth(event.target.value)}
          />
        </Field>
        <Field label={t("perMillionRequests")} error={errors["prices.perMillionRequests"]}>
          <Input
            inputMode="decimal"
            value={perMillionRequests}
            disabled={!mayChange}
            onChange={(event) => setPerMillionRequests(event.target.value)}
          />
        </Field>
        <Field label={t("currency")}>
          <Select
            value={currency}
            disabled={!mayChange}
            onChange={(event) =>
              setCurrency(CURRENCIES.find((known) => known === event.target.value) ?? "USD")
            }
            options={CURRENCIES.map((value) => ({ value, label: value }))}
          />
        </Field>
        {error && Object.keys(errors).length === 0 && <Notice tone="bad">{error.message}</Notice>}
        {mayChange && (
          <div className="flex flex-wrap gap-2 sm:col-span-3">
            <Button type="submit" pending={pending}>
              {t("save")}
            </Button>
            {prices.source === "set" && (
              <Button pending={pending} onClick={() => run({ storeId, prices: null })}>
                {t("useDefault")}
              </Button>
            )}
          </div>
        )}
      </form>
    </Panel>
  );
}
