import { useTranslations } from "next-intl";
import { ButtonLink } from "@/components/ui/button";
import { Bytes, Dash } from "@/components/ui/figures";
import { Fact, Facts, Panel } from "@/components/ui/panel";
import { DateTime } from "@/components/ui/time-ago";
import type { StoreDetailDto } from "@/lib/schemas/store";

const ORDER = ["path", "host", "port", "database", "user", "ssl", "ca"];

const inOrder = (config: StoreDetailDto["config"]) =>
  Object.entries(config).sort(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b));

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
        {inOrder(store.config).map(([name, value]) => (
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
            <FactValue name={name} value={value} />
          </Fact>
        ))}
      </Facts>
    </Panel>
  );
}

function FactValue({ name, value }: { name: string; value: string | number | boolean | null }) {
  const t = useTranslations("stores");
  if (value === null) return <Dash />;
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (typeof value === "number" && name.endsWith("Bytes")) return <Bytes value={value} />;
  if (typeof value === "string" && name.endsWith("At")) return <DateTime value={value} />;
  return value;
}
