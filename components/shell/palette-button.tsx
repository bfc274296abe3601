"use client";
import { Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { Kbd } from "@/components/ui/kbd";
import { openPalette } from "./keyboard-events";

/** Opens the commands; it shows the key that does the same. */
export function PaletteButton() {
  const t = useTranslations("shell");
  return (
    <button
      type="button"
      onClick={openPalette}
      title={t("openPalette")}
      className="flex h-8 items-center justify-center rounded-md px-1 max-sm:h-10 max-sm:w-10"
    >
      <span className="max-sm:hidden">
        <Kbd>⌘K</Kbd>
      </span>
      <Search aria-hidden size={18} className="text-muted sm:hidden" />
      <span className="sr-only">{t("openPalette")}</span>
    </button>
  );
}
