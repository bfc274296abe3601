import Link from "next/link";
import { useTranslations } from "next-intl";

const EXAMPLES = ["and", "phrase", "chinese"] as const;

/** Before the first search: how to ask. */
export function SearchIntro({ narrowed }: { narrowed: boolean }) {
  const t = useTranslations("search");
  return (
    <section className="mx-auto mt-8 flex w-full max-w-xl flex-col gap-4">
      <div>
        <h2 className="font-semibold">{t("introTitle")}</h2>
        <p className="text-sm text-muted">{t(narrowed ? "introNarrowed" : "intro")}</p>
      </div>
      <dl className="divide-y divide-line rounded-md border border-line bg-surface text-sm">
        {EXAMPLES.map((name) => (
          <div key={name} className="flex min-h-9 flex-wrap items-center gap-x-4 gap-y-0.5 px-3.5 py-2">
            <dt className="w-40 shrink-0">
              <Link
                href={`/search?${new URLSearchParams({ q: t(`examples.${name}`) })}`}
                prefetch={false}
                className="font-mono text-xs text-accent hover:underline"
              >
                {t(`examples.${name}`)}
              </Link>
            </dt>
            <dd className="min-w-0 flex-1 text-muted max-sm:basis-full">{t(`exampleHints.${name}`)}</dd>
          </div>
        ))}
      </dl>
      <ul className="flex list-disc flex-col gap-1 pl-4 text-sm text-muted">
        <li>{t("introTiers")}</li>
        <li>{t("introFilters")}</li>
        <li>{t("introKeys")}</li>
      </ul>
    </section>
  );
}
