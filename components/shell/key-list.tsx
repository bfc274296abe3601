"use client";
import { Dialog } from "@base-ui/react/dialog";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { PAGES } from "./navigation";

/** The keys that work everywhere. */
export function KeyList({ onClose }: { onClose: () => void }) {
  const t = useTranslations("keys");
  const shell = useTranslations("shell");
  const common = useTranslations("common");
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-[rgb(8_14_16/0.45)]" />
        <Dialog.Popup className="fixed top-[15vh] left-1/2 z-50 w-96 max-w-[calc(100vw-2rem)] -translate-x-1/2 rounded-md border border-line bg-surface p-5 shadow-popup">
          <Dialog.Title className="mb-2 text-lg font-semibold">{t("title")}</Dialog.Title>
          <dl className="divide-y divide-line text-sm">
            <Row keys={["⌘", "K"]}>{t("palette")}</Row>
            <Row keys={["/"]}>{t("search")}</Row>
            <Row keys={["?"]}>{t("help")}</Row>
            <Row keys={["Esc"]}>{t("close")}</Row>
            {PAGES.map((page) => (
              <Row key={page.href} keys={["g", page.key]}>
                {t("go", { page: shell(page.label) })}
              </Row>
            ))}
          </dl>
          <div className="mt-4 flex justify-end">
            <Dialog.Close render={<Button>{common("close")}</Button>} />
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Row({ keys, children }: { keys: readonly string[]; children: ReactNode }) {
  return (
    <div className="flex h-8 items-center justify-between">
      <dt>{children}</dt>
      <dd className="flex gap-1">
        {keys.map((key) => (
          <Kbd key={key}>{key}</Kbd>
        ))}
      </dd>
    </div>
  );
}
