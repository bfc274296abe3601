"use client";
import { useRouter } from "next/navigation";
import { useLocale, useTimeZone, useTranslations } from "next-intl";
import { useSetLanguage } from "@/components/shell/use-language";
import { useTheme } from "@/components/shell/use-theme";
import { writePreference } from "@/components/shell/write-preference";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/input";
import { Panel } from "@/components/ui/panel";
import { SegmentedControl } from "@/components/ui/segmented-control";
import { DateTime } from "@/components/ui/time-ago";
import { LOCALE_NAMES, LOCALES } from "@/lib/i18n/locales";
import { THEMES, ZONE_CHOSEN_COOKIE, ZONE_COOKIE } from "@/lib/i18n/preferences";

const AUTOMATIC = "";

/** Language, theme and time zone of this browser; each takes effect at once. */
export function PreferencesForm({
  zones,
  zoneChosen,
  now,
}: {
  zones: readonly string[];
  /** Whether the zone was chosen here rather than taken from the browser. */
  zoneChosen: boolean;
  now: string;
}) {
  const t = useTranslations("settings");
  const shell = useTranslations("shell");
  const locale = useLocale();
  const [theme, setTheme] = useTheme();
  const setLanguage = useSetLanguage();
  const zone = useTimeZone() ?? "UTC";
  const router = useRouter();
  const setZone = (next: string) => {
    writePreference(ZONE_CHOSEN_COOKIE, next === AUTOMATIC ? "0" : "1");
    writePreference(ZONE_COOKIE, next || Intl.DateTimeFormat().resolvedOptions().timeZone);
    router.refresh();
  };
  return (
    <Panel title={t("tabs.preferences")} unit={t("ofThisBrowser")} className="max-w-3xl">
      <div className="flex flex-col gap-4">
        <Row label={t("language")}>
          <SegmentedControl
            label={t("language")}
            value={locale}
            segments={LOCALES.map((one) => ({ value: one, label: LOCALE_NAMES[one] }))}
            onChange={setLanguage}
          />
        </Row>
        <Row label={t("theme")}>
          <SegmentedControl
            label={t("theme")}
            value={theme}
            segments={THEMES.map((one) => ({ value: one, label: shell(one) }))}
            onChange={setTheme}
          />
        </Row>
        <Field
          layout="row"
          label={t("zone")}
          hint={t.rich("zoneHint", { now: () => <DateTime value={now} /> })}
        >
          <Select
            value={zoneChosen ? zone : AUTOMATIC}
            onChange={(event) => setZone(event.target.value)}
            options={[
              { value: AUTOMATIC, label: t("zoneAutomatic", { zone: zoneChosen ? "" : zone }) },
              ...zones.map((one) => ({ value: one, label: one })),
            ]}
          />
        </Field>
      </div>
    </Panel>
  );
}

const Row = ({ label, children }: { label: string; children: React.ReactNode }) => (
  <div className="flex flex-col gap-1 sm:grid sm:grid-cols-[minmax(8rem,2fr)_3fr] sm:items-center sm:gap-x-3">
    <span aria-hidden className="text-sm text-muted">
      {label}
    </span>
    <span>{children}</span>
  </div>
);
