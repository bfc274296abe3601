import Link from "next/link";
import { useTranslations } from "next-intl";
import { classNames } from "@/components/ui/class-names";
import { type SearchParams, withParams } from "./address";

/** One of a few, each an address: back works, and a link shows the same. */
export function ChoiceLinks({
  label,
  choices,
  current,
}: {
  label: string;
  choices: readonly { key: string; label: string; href: string }[];
  current: string | null;
}) {
  return (
    <nav aria-label={label} className="inline-flex shrink-0 rounded-md border border-line bg-sunken p-0.5">
      {choices.map((choice) => (
        <Link
          key={choice.key}
          href={choice.href}
          scroll={false}
          replace
          aria-current={choice.key === current ? "true" : undefined}
          className={classNames(
            "inline-flex h-6 items-center rounded-[4px] px-2 text-xs whitespace-nowrap transition-colors max-sm:h-8",
            choice.key === current
              ? "bg-surface font-semibold text-ink ring-1 ring-line"
              : "text-muted hover:text-ink",
          )}
        >
          {choice.label}
        </Link>
      ))}
    </nav>
  );
}

/** Named ranges of time; `range` in the address. */
export function RangeLinks({
  path,
  search,
  ranges,
  current,
}: {
  path: string;
  search: SearchParams;
  ranges: readonly string[];
  current: string | null;
}) {
  const t = useTranslations("stores");
  return (
    <ChoiceLinks
      label={t("range")}
      current={current}
      choices={ranges.map((range) => ({
        key: range,
        label: t(`ranges.${range}`),
        href: withParams(path, search, { range, from: null, until: null }),
      }))}
    />
  );
}
