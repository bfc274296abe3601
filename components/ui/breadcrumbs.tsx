import Link from "next/link";
import { useTranslations } from "next-intl";

export interface Crumb {
  label: string;
  /** The last crumb has none: it is the page, and its only title. */
  href?: string;
}

export function Breadcrumbs({ crumbs }: { crumbs: readonly Crumb[] }) {
  const t = useTranslations("common");
  const last = crumbs.length - 1;
  return (
    <nav aria-label={t("breadcrumb")} className="min-w-0 flex-1">
      <ol className="flex min-w-0 items-center gap-1.5 text-lg">
        {crumbs.map((crumb, index) =>
          index === last ? (
            <li key="here" className="min-w-0">
              <h1 className="truncate font-semibold">{crumb.label}</h1>
            </li>
          ) : (
            <li
              key={crumb.href ?? String(crumb.label)}
              className="flex shrink-0 items-center gap-1.5 text-muted max-sm:[&:not(:nth-last-child(2))]:hidden"
            >
              {crumb.href ? (
                <Link href={crumb.href} className="hover:text-ink">
                  {crumb.label}
                </Link>
              ) : (
                crumb.label
              )}
              <span aria-hidden>/</span>
            </li>
          ),
        )}
      </ol>
    </nav>
  );
}
