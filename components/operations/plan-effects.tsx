import { useTranslations } from "next-intl";
import { CodeBlock } from "@/components/ui/code-block";
import { Panel, PanelHeading } from "@/components/ui/panel";
import { ToneIcon } from "@/components/ui/tone";
import type { PlanBody, Risk } from "@/lib/schemas/plan";
import { Sentence } from "./sentence";

const TONES = { info: "info", warn: "warn", stop: "bad" } as const;

/** The statements that will run, the locks they take, and what could go wrong. */
export function PlanEffects({ body }: { body: PlanBody }) {
  const t = useTranslations("planPage");
  return (
    <Panel title={t("whatRuns")}>
      <CodeBlock code={body.statements.join("\n\n")} label={t("whatRuns")} className="max-h-96" wrap />
      <PanelHeading>{t("locks")}</PanelHeading>
      <ul className="flex flex-col gap-1.5 text-sm">
        {body.locks.map((lock) => (
          <li key={lock.key} className="flex gap-2">
            <span aria-hidden className="text-muted">
              •
            </span>
            <span>
              <Sentence sentence={lock} />
            </span>
          </li>
        ))}
      </ul>
      {body.risks.length > 0 && <PanelHeading>{t("risks")}</PanelHeading>}
      <ul className="flex flex-col gap-2 text-sm">
        {body.risks.map((risk) => (
          <RiskItem key={`${risk.key}:${JSON.stringify(risk.details)}`} risk={risk} />
        ))}
      </ul>
    </Panel>
  );
}

function RiskItem({ risk }: { risk: Risk }) {
  const t = useTranslations("planPage");
  return (
    <li className="flex min-w-0 gap-2">
      <span className="flex h-5 items-center">
        <ToneIcon tone={TONES[risk.severity]} />
      </span>
      <div className="min-w-0 flex-1 [overflow-wrap:anywhere]">
        <span className="sr-only">{t(`severity.${risk.severity}`)}: </span>
        <Sentence sentence={risk} />
        {risk.fix && risk.fix.length > 0 && (
          <CodeBlock className="mt-1.5" code={risk.fix.join("\n")} label={t("fix")} wrap />
        )}
      </div>
    </li>
  );
}
