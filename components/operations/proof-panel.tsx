"use client";
import { useTranslations } from "next-intl";
import { CopyButton } from "@/components/ui/copy-button";
import { Bytes, Code, Count } from "@/components/ui/figures";
import { Panel, PanelHeading } from "@/components/ui/panel";
import { Table, Td, Th } from "@/components/ui/table";
import { DateTime } from "@/components/ui/time-ago";
import { ToneIcon } from "@/components/ui/tone";
import type { Proof, ProofLeft, ProofLine, ProofSegment } from "@/lib/schemas/operation";
import { proofText } from "./proof-text";

/** Counts and digests of both sides, as measured. */
export function ProofPanel({ proof, title }: { proof: Proof; title: string }) {
  const t = useTranslations("proof");
  const allEqual = proof.lines.every((line) => line.equal);
  return (
    <Panel
      title={t("title")}
      unit={<DateTime value={proof.madeAt} />}
      actions={<CopyButton text={proofText(title, proof)} label={t("copy")} />}
      tone={allEqual ? undefined : "bad"}
    >
      {proof.ending && <p className="mb-2 text-sm text-muted">{t(`endings.${proof.ending}`)}</p>}
      {proof.lines.length > 0 && <ProofLines lines={proof.lines} />}
      {proof.facts.length > 0 && <ProofFacts facts={proof.facts} />}
      {proof.kept.some((kept) => kept.rowCount > 0) && (
        <p className="mt-3 text-sm text-muted">
          {proof.kept
            .filter((kept) => kept.rowCount > 0)
            .map((kept) => t("kept", { name: kept.name, count: kept.rowCount }))
            .join(" ")}
        </p>
      )}
      {proof.notes?.map((note) => (
        <p key={note} className="mt-2 text-sm text-warn">
          {t.has(`notes.${note}`) ? t(`notes.${note}`) : note}
        </p>
      ))}
      {proof.left && proof.left.length > 0 && <ProofRest left={proof.left} />}
      {proof.segments.length > 0 && <ProofSegments segments={proof.segments} />}
    </Panel>
  );
}

function ProofLines({ lines }: { lines: readonly ProofLine[] }) {
  const t = useTranslations("proof");
  return (
    <Table caption={t("title")} flush>
      <thead>
        <tr>
          <Th>{t("what")}</Th>
          <Th align="end">{t("sourceRows")}</Th>
          <Th align="end">{t("targetRows")}</Th>
          <Th>{t("sourceDigest")}</Th>
          <Th>{t("targetDigest")}</Th>
          <Th>{t("verdict")}</Th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.name}>
            <Td>{line.name}</Td>
            <Td align="end" label={t("sourceRows")}>
              <Count value={line.rows.source} />
            </Td>
            <Td align="end" label={t("targetRows")}>
              <Count value={line.rows.target} />
            </Td>
            <Td label={t("sourceDigest")}>
              <Code>{line.digest.source}</Code>
            </Td>
            <Td label={t("targetDigest")}>
              <Code>{line.digest.target}</Code>
            </Td>
            <Td label={t("verdict")}>
              <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
                <ToneIcon tone={line.equal ? "ok" : "bad"} />
                {t(line.equal ? "equal" : "different")}
              </span>
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** What an early end left where it was. */
function ProofRest({ left }: { left: readonly ProofLeft[] }) {
  const t = useTranslations("proof");
  return (
    <>
      <PanelHeading>{t("left")}</PanelHeading>
      <Table caption={t("left")} flush>
        <thead>
          <tr>
            <Th>{t("what")}</Th>
            <Th align="end">{t("planned")}</Th>
            <Th align="end">{t("leftRows")}</Th>
            <Th>{t("digest")}</Th>
          </tr>
        </thead>
        <tbody>
          {left.map(({ name, planned, rows, digest }) => (
            <tr key={name}>
              <Td>{name}</Td>
              <Td align="end" label={t("planned")}>
                {planned === null ? "–" : <Count value={planned} />}
              </Td>
              <Td align="end" label={t("leftRows")}>
                {rows === null ? t("notCounted") : <Count value={rows} />}
              </Td>
              <Td label={t("digest")}>{digest === null ? "–" : <Code>{digest}</Code>}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </>
  );
}

function ProofFacts({ facts }: { facts: Proof["facts"] }) {
  const t = useTranslations("proof");
  return (
    <Table caption={t("facts")} flush>
      <thead>
        <tr>
          <Th>{t("what")}</Th>
          <Th align="end">{t("before")}</Th>
          <Th align="end">{t("after")}</Th>
        </tr>
      </thead>
      <tbody>
        {facts.map((fact) => (
          <tr key={fact.key}>
            <Td>{t.has(`factNames.${fact.key}`) ? t(`factNames.${fact.key}`) : fact.key}</Td>
            <Td align="end" label={t("before")}>
              <Figure name={fact.key} value={fact.before} />
            </Td>
            <Td align="end" label={t("after")}>
              <Figure name={fact.key} value={fact.after} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Figure({ name, value }: { name: string; value: string | undefined }) {
  if (value === undefined) return <>–</>;
  if (!/^\d+$/.test(value)) return <>{value}</>;
  return name.endsWith("Bytes") ? <Bytes value={value} /> : <Count value={value} />;
}

function ProofSegments({ segments }: { segments: readonly ProofSegment[] }) {
  const t = useTranslations("proof");
  return (
    <details className="mt-2" open={segments.length <= 8}>
      <summary className="cursor-pointer">
        <span className="text-sm font-semibold">{t("segments", { count: segments.length })}</span>
      </summary>
      <div className="max-h-96 overflow-y-auto">
        <PanelHeading>{t("segmentsHint")}</PanelHeading>
        <Table caption={t("segments", { count: segments.length })} flush>
          <thead>
            <tr>
              <Th>{t("object")}</Th>
              <Th align="end">{t("rows")}</Th>
              <Th align="end">{t("size")}</Th>
              <Th>SHA-256</Th>
            </tr>
          </thead>
          <tbody>
            {segments.map((segment) => (
              <tr key={segment.segmentId}>
                <Td>
                  <Code>{segment.key}</Code>
                </Td>
                <Td align="end" label={t("rows")}>
                  <Count value={segment.rowCount} />
                </Td>
                <Td align="end" label={t("size")}>
                  <Bytes value={segment.sizeBytes} />
                </Td>
                <Td label="SHA-256">
                  <Code>{segment.sha256}</Code>
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
    </details>
  );
}
