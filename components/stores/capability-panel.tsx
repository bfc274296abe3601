import { useTranslations } from "next-intl";
import { Panel } from "@/components/ui/panel";
import { ToneIcon } from "@/components/ui/tone";
import type { StoreAbilityDto } from "@/lib/schemas/store";

/** The driver's own reason where it has one: it says what would make the ability possible. */
function sentenceOf(kind: string, ability: StoreAbilityDto, has: (key: string) => boolean): string {
  const own = `${ability.has ? "canOf" : "cannot"}.${kind}.${ability.name}`;
  return has(own) ? own : `abilities.${ability.name}.${ability.has ? "can" : "cannot"}`;
}

/** What a store of this kind can do and what it cannot, each with its meaning. */
export function CapabilityPanel({
  kind,
  abilities,
  writesEnabled,
}: {
  kind: string;
  abilities: readonly StoreAbilityDto[];
  writesEnabled: boolean;
}) {
  const t = useTranslations("stores");
  return (
    <Panel title={t("abilitiesTitle")}>
      <ul className="divide-y divide-line text-sm">
        {abilities.map((ability) => (
          <li key={ability.name} className="flex gap-2.5 py-2">
            <span className="flex h-5 items-center">
              <ToneIcon tone={ability.has ? "ok" : "stopped"} />
            </span>
            <div className="min-w-0">
              <span className="font-medium">{t(`abilities.${ability.name}.name`)}</span>{" "}
              <span className="text-xs text-muted">{t(ability.has ? "able" : "unable")}</span>
              <p className="text-muted">{t(sentenceOf(kind, ability, t.has))}</p>
            </div>
          </li>
        ))}
      </ul>
      {!writesEnabled && <p className="mt-2 text-sm text-muted">{t("abilitiesReadOnly")}</p>}
    </Panel>
  );
}
