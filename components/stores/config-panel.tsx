import { useTranslations } from "next-intl";
import { ButtonLink } from "@/components/ui/button";
import { Dash } from "@/components/ui/figures";
import { Fact, Facts, Panel } from "@/components/ui/panel";
import type { StoreDetailDto } from "@/lib/schemas/store";

/** How it is reached; secrets only as set or not. */
export function ConfigPanel({ store, mayChange }: { store: StoreDetailDto; mayChange: boolean }) {
  const t = useTranslations("stores");
  const label = (name: string) => (t.has(`fields.${name}.label`) ? t(`fields.${name}.label`) : name);
  const facts = Object.entries(store.health?.facts ?? {}).filter(
    ([name]) => t.has(`facts.${name}`) && !(name in store.config),
  );
  return (
    <Panel
      title={t("connectionTitle")}
      actions={
        mayChange && (
          <ButtonLink size="sm" href={`/stores/${store.storeId}/edit`}>
            {t("edit")}
          </ButtonLink>
        )
      }
    >
      <Facts>
        {Object.entries(store.config).map(([name, value]) => (
          <Fact key={name} label={label(name)}>
            {value === null || value === "" ? <Dash reason={t("notSet")} /> : <code>{String(value)}</code>}
          </Fact>
        ))}
        {store.secretsSet.map((name) => (
          <Fact key={name} label={label(name)}>
            {t("secretSet")}
          </Fact>
        ))}
        {facts.map(([name, value]) => (
          <Fact key={name} label={t(`facts.${name}`)}>
            {value === null ? <Dash /> : typeof value === "boolean" ? t(value ? "yes" : "no") : String(value)}
          </Fact>
        ))}
      </Facts>
    </Panel>
  );
}
