"use client";
import { AlertDialog } from "@base-ui/react/alert-dialog";
import { useTranslations } from "next-intl";
import { Button } from "./button";
import type { ConfirmDialogProps } from "./dialog";

/** The dialog itself: it is loaded when it is first opened. */
export function ConfirmDialogPopup(
  props: Omit<ConfirmDialogProps, "trigger" | "open" | "onOpenChange"> & {
    open: boolean;
    onOpenChange: (open: boolean) => void;
  },
) {
  const t = useTranslations("common");
  return (
    <AlertDialog.Root open={props.open} onOpenChange={(open) => props.onOpenChange(open)}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 z-40 bg-[rgb(8_14_16/0.45)] transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <AlertDialog.Popup className="fixed top-[18vh] left-1/2 z-50 flex max-h-[70vh] w-[28rem] max-w-[calc(100vw-2rem)] -translate-x-1/2 flex-col gap-3 overflow-y-auto rounded-md border border-line bg-surface p-5 shadow-popup transition-[opacity,translate] data-ending-style:opacity-0 data-starting-style:translate-y-1 data-starting-style:opacity-0 max-sm:top-auto max-sm:bottom-4">
          <AlertDialog.Title className="text-lg font-semibold [overflow-wrap:anywhere]">
            {props.title}
          </AlertDialog.Title>
          {props.description && (
            <AlertDialog.Description className="text-sm text-muted">
              {props.description}
            </AlertDialog.Description>
          )}
          {props.children}
          <form
            className="mt-1 flex flex-wrap justify-end gap-2"
            onSubmit={(event) => {
              event.preventDefault();
              if (!props.pending && !props.disabled) props.onConfirm();
            }}
          >
            <AlertDialog.Close render={<Button>{t("cancel")}</Button>} />
            <Button
              type="submit"
              tone={props.tone ?? "primary"}
              pending={props.pending}
              disabled={props.disabled}
            >
              {props.confirmLabel}
            </Button>
          </form>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
