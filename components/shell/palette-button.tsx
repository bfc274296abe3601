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
      aria-label={t("openPalette")}
      title={t("openPalette")}
      className="flex size-8 items-center justify-center rounded-md max-sm:size-10 sm:w-auto sm:px-1"
    >
      <span aria-hidden className="max-sm:hidden">
        <Kbd>⌘K</Kbd>
      </span>
      <Search aria-hidden size={18} className="text-muted sm:hidden" />
    </button>
  );
}
