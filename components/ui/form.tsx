import type { ComponentProps, ReactNode } from "react";
import { classNames } from "./class-names";
import { Notice } from "./notice";

/** Fields beneath each other, the error of the whole above its buttons. */
export function Form({
  className,
  error,
  actions,
  children,
  ...rest
}: ComponentProps<"form"> & {
  /** What is wrong with the whole, not with one field. */
  error?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    // Sent before the page's scripts have come, its fields (a password among them) must not end up in the address.
    <form method="post" {...rest} noValidate className={classNames("flex flex-col gap-4", className)}>
      {children}
      {error && <Notice tone="bad">{error}</Notice>}
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </form>
  );
}

/** Fields side by side from 640 px on. */
export const FormRow = ({ children, className }: { children: ReactNode; className?: string }) => (
  <div className={classNames("grid gap-4 sm:auto-cols-fr sm:grid-flow-col", className)}>{children}</div>
);

/** Fields of one subject, with its name. */
export function FormSection({
  title,
  hint,
  children,
}: {
  title: ReactNode;
  hint?: ReactNode;
  children: ReactNode;
}) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-4">
      <legend className="mb-3 text-sm font-semibold">
        {title}
        {hint && <span className="block text-xs font-normal text-muted">{hint}</span>}
      </legend>
      {children}
    </fieldset>
  );
}
