import { ArrowDown, ArrowUp } from "lucide-react";
import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { classNames } from "./class-names";

/** A table of 36 px rows. Below 640 px each row is a block: give every Td the `label` of its column. */
export function Table({
  caption,
  flush,
  className,
  children,
  ...rest
}: ComponentProps<"table"> & {
  /** What the table lists, for screen readers. */
  caption: string;
  /** Without padding at both ends, for a table inside a padded panel. */
  flush?: boolean;
}) {
  return (
    <div className="overflow-x-auto max-sm:overflow-visible">
      <table {...rest} data-flush={flush || undefined} className={classNames("table", className)}>
        <caption className="sr-only">{caption}</caption>
        {children}
      </table>
    </div>
  );
}

/** A framed table outside a panel. */
export const TableFrame = ({ children }: { children: ReactNode }) => (
  <div className="overflow-hidden rounded-md border border-line bg-surface">{children}</div>
);

type Align = { align?: "start" | "end" };

/** The head of a column; without words (actions, marks) it is an empty cell. */
export function Th({ align, children, ...rest }: Omit<ComponentProps<"th">, "align"> & Align) {
  if (children === undefined || children === null) return <td data-head />;
  return (
    <th scope="col" {...rest} data-align={align}>
      {children}
    </th>
  );
}

/** A column head that sorts: `href` is the address with the next direction. */
export function SortTh({
  align,
  href,
  direction,
  children,
}: Align & { href: string; direction: "asc" | "desc" | null; children: ReactNode }) {
  const Icon = direction === "asc" ? ArrowUp : ArrowDown;
  return (
    <th
      scope="col"
      data-align={align}
      aria-sort={direction === "asc" ? "ascending" : direction === "desc" ? "descending" : undefined}
    >
      <Link
        href={href}
        scroll={false}
        className={classNames(
          "inline-flex items-center gap-1 hover:text-ink",
          direction && "font-semibold text-ink",
        )}
      >
        {children}
        {direction && <Icon aria-hidden size={12} />}
      </Link>
    </th>
  );
}

export function Td({
  align,
  label,
  children,
  ...rest
}: Omit<ComponentProps<"td">, "align"> &
  Align & {
    /** The column's name, shown before the value on a phone. Leave it out where the value speaks for itself. */
    label?: string;
  }) {
  return (
    <td {...rest} data-align={align} data-label={label}>
      {children}
    </td>
  );
}

/** The link that names a row. */
export const RowLink = ({ className, ...rest }: ComponentProps<typeof Link>) => (
  <Link {...rest} className={classNames("font-medium hover:text-accent hover:underline", className)} />
);
