import { ChevronLeft, ChevronRight } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button, ButtonLink } from "./button";

/** Keyset pages: newer and older, no page numbers (a count would cost a scan). `null` ends the list. */
export function Pagination({
  newerHref,
  olderHref,
  children,
}: {
  newerHref: string | null;
  olderHref: string | null;
  /** What the page shows: `50 a page`. */
  children?: ReactNode;
}) {
  const t = useTranslations("common");
  const newer = <ChevronLeft aria-hidden size={13} />;
  const older = <ChevronRight aria-hidden size={13} />;
  if (!newerHref && !olderHref && !children) return null;
  return (
    <nav
      aria-label={`${t("newer")}, ${t("older")}`}
      className="flex flex-wrap items-center gap-2 text-xs text-muted"
    >
      <span className="mr-auto">{children}</span>
      {newerHref ? (
        <ButtonLink size="sm" href={newerHref} icon={newer}>
          {t("newer")}
        </ButtonLink>
      ) : (
        <Button size="sm" disabled icon={newer}>
          {t("newer")}
        </Button>
      )}
      {olderHref ? (
        <ButtonLink size="sm" href={olderHref}>
          {t("older")}
          {older}
        </ButtonLink>
      ) : (
        <Button size="sm" disabled>
          {t("older")}
          {older}
        </Button>
      )}
    </nav>
  );
}
