"use client";
import dynamic from "next/dynamic";
import { cloneElement, type MouseEventHandler, type ReactElement, type ReactNode, useState } from "react";
import type { ButtonTone } from "./button";

const Popup = dynamic(() => import("./dialog-popup").then((module) => module.ConfirmDialogPopup), {
  ssr: false,
});

export interface ConfirmDialogProps {
  /** The button that opens it; leave it out and use `open`. Focus returns to it. */
  trigger?: ReactElement<{ onClick?: MouseEventHandler }>;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  /** Verb, object and amount: `Archive 28,114,020 rows`. */
  confirmLabel: ReactNode;
  tone?: Extract<ButtonTone, "primary" | "danger">;
  pending?: boolean;
  disabled?: boolean;
  /** The dialog stays open until the owner closes it, so that a refusal can be shown inside. */
  onConfirm: () => void;
  /** Fields to fill in before (typed name, reason), and the refusal. */
  children?: ReactNode;
}

/** Asks before something happens. For details there are pages, never a dialog. */
export function ConfirmDialog({ trigger, open: controlled, onOpenChange, ...rest }: ConfirmDialogProps) {
  const [own, setOwn] = useState(false);
  const [wanted, setWanted] = useState(false);
  const open = controlled ?? own;
  const change = (next: boolean) => {
    setOwn(next);
    onOpenChange?.(next);
  };
  if (open && !wanted) setWanted(true);
  return (
    <>
      {trigger && cloneElement(trigger, { onClick: () => change(true) })}
      {wanted && <Popup {...rest} open={open} onOpenChange={change} />}
    </>
  );
}
