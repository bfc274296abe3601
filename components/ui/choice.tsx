"use client";
import { Switch as Base } from "@base-ui/react/switch";
import { type ComponentProps, type ReactNode, useId } from "react";
import { classNames } from "./class-names";

type ChoiceProps = Omit<ComponentProps<"input">, "type"> & { label: ReactNode; hint?: ReactNode };

const MARK =
  "size-4 shrink-0 cursor-pointer accent-accent disabled:cursor-not-allowed focus-visible:outline-offset-1";

/** One of several with the same `name`. */
export function Radio({ label, hint, className, ...rest }: ChoiceProps) {
  const generated = useId();
  const id = rest.id ?? generated;
  return (
    <Choice htmlFor={id} label={label} hint={hint} className={className}>
      <input {...rest} type="radio" id={id} className={MARK} />
    </Choice>
  );
}

/** On or off, taking effect at once. */
export function Switch({
  label,
  hint,
  className,
  ...rest
}: Omit<ComponentProps<typeof Base.Root>, "className" | "children"> &
  Pick<ChoiceProps, "label" | "hint" | "className">) {
  const id = useId();
  return (
    <Choice htmlFor={id} label={label} hint={hint} className={className}>
      <Base.Root
        {...rest}
        id={id}
        className="relative h-[18px] w-8 shrink-0 rounded-full border border-line-strong bg-track transition-colors data-checked:border-accent data-checked:bg-accent data-disabled:opacity-55"
      >
        <Base.Thumb className="block size-3 translate-x-[2px] rounded-full bg-muted transition-transform data-checked:translate-x-[16px] data-checked:bg-on-accent" />
      </Base.Root>
    </Choice>
  );
}

function Choice({
  htmlFor,
  label,
  hint,
  className,
  children,
}: Pick<ChoiceProps, "label" | "hint" | "className" | "children"> & { htmlFor: string }) {
  return (
    <div className={classNames("flex items-start gap-2 text-sm max-sm:py-1.5", className)}>
      <span className="flex h-5 items-center">{children}</span>
      <label htmlFor={htmlFor} className="min-w-0 cursor-pointer">
        {label}
        {hint && <span className="block text-xs text-muted">{hint}</span>}
      </label>
    </div>
  );
}
