"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { Code, Count } from "@/components/ui/figures";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { Table, Td, Th } from "@/components/ui/table";
import { TimeAgo } from "@/components/ui/time-ago";
import { ToneIcon } from "@/components/ui/tone";
import { compareCatalogue, rebuildCatalogue } from "@/lib/actions/catalogue";
import type { CatalogueDto } from "@/lib/schemas/settings";

type StoreResult = CatalogueDto["stores"][number];

/** Manifests in the object stores are the truth; the catalogue is compared with them, and mended from them. */
export function CataloguePanel({
  catalogue,
  mayCompare,
  mayRebuild,
}: {
  catalogue: CatalogueDto | null;
  mayCompare: boolean;
  mayRebuild: boolean;
}) {
  const t = useTranslations("settings");
  const [result, setResult] = useState(catalogue);
  const [asking, setAsking] = useState(false);
  const compare = useAction(compareCatalogue, setResult);
  const rebuild = useAction(rebuildCatalogue, (made) => {
    setResult(made);
    setAsking(false);
  });
  return (
    <Panel
      title={t("catalogue")}
      actions={
        <>
          {mayCompare && (
            <Button size="sm" pending={compare.pending} onClick={() => compare.run({})}>
              {t("compare")}
            </Button>
          )}
          {mayRebuild && (
            <ConfirmDialog
              trigger={<Button size="sm">{t("rebuild")}</Button>}
              open={asking}
              onOpenChange={setAsking}
              title={t("rebuildTitle")}
              description={t("rebuildHint")}
              confirmLabel={t("rebuild")}
              pending={rebuild.pending}
              onConfirm={() => rebuild.run({})}
            >
              {rebuild.error && <Notice tone="bad">{rebuild.error.message}</Notice>}
            </ConfirmDialog>
          )}
        </>
      }
    >
      <p className="mb-2 text-sm text-muted">{t("catalogueHint")}</p>
      {compare.error && <Notice tone="bad">{compare.error.message}</Notice>}
      {result ? <Result result={result} /> : <p className="text-sm">{t("neverCompared")}</p>}
    </Panel>
  );
}

function Result({ result }: { result: CatalogueDto }) {
  const t = useTranslations("settings");
  if (result.stores.length === 0) return <p className="text-sm">{t("noObjectStores")}</p>;
  return (
    <>
      <p className="mb-1 text-xs text-muted">
        {t("compared")} <TimeAgo value={result.at} />
      </p>
      <Table flush caption={t("catalogue")}>
        <thead>
          <tr>
            <Th>{t("objectStore")}</Th>
            <Th align="end">{t("manifests")}</Th>
            <Th align="end">{t("segments")}</Th>
            <Th>{t("verdict")}</Th>
          </tr>
        </thead>
        <tbody>
          {result.stores.map((store) => (
            <tr key={store.storeId} className="align-top">
              <Td>{store.name}</Td>
              <Td align="end" label={t("manifests")}>
                <Count value={store.manifests} />
              </Td>
              <Td align="end" label={t("segments")}>
                <Count value={store.segments} />
              </Td>
              <Td label={t("verdict")}>
                <Verdict store={store} />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </>
  );
}

function Verdict({ store }: { store: StoreResult }) {
  const t = useTranslations("settings");
  if (store.failure) return <Words tone="bad">{store.failure}</Words>;
  if (store.unknown.length + store.missing.length === 0) return <Words tone="ok">{t("agree")}</Words>;
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      {store.missing.length > 0 && (
        <Keys tone="bad" title={t("missing", { count: store.missing.length })} keys={store.missing} />
      )}
      {store.unknown.length > 0 && (
        <Keys tone="warn" title={t("unknown", { count: store.unknown.length })} keys={store.unknown} />
      )}
    </div>
  );
}

const COLOR = { ok: "text-ok", warn: "text-warn", bad: "text-bad" } as const;

const Words = ({ tone, children }: { tone: keyof typeof COLOR; children: React.ReactNode }) => (
  <span className={`inline-flex items-start gap-1.5 ${COLOR[tone]}`}>
    <span className="flex h-5 items-center">
      <ToneIcon tone={tone} />
    </span>
    {children}
  </span>
);

const MOST_KEYS = 100;

function Keys({ tone, title, keys }: { tone: "warn" | "bad"; title: string; keys: readonly string[] }) {
  return (
    <details>
      <summary className="cursor-pointer">
        <Words tone={tone}>{title}</Words>
      </summary>
      <ul className="mt-1 flex max-h-64 flex-col gap-0.5 overflow-y-auto pl-5">
        {keys.slice(0, MOST_KEYS).map((key) => (
          <li key={key}>
            <Code>{key}</Code>
          </li>
        ))}
        {keys.length > MOST_KEYS && <li className="text-muted">…</li>}
      </ul>
    </details>
  );
}
