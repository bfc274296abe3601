import { useTranslations } from "next-intl";
import { classNames } from "@/components/ui/class-names";
import { Fact, Facts, Panel } from "@/components/ui/panel";
import { ShareBar } from "@/components/ui/progress";
import { TimeAgo } from "@/components/ui/time-ago";
import type { FigureDto } from "@/lib/schemas/figure";
import type { StoreFiguresDto } from "@/lib/schemas/store";
import { FigureValue } from "./figure-value";
import { LimitList } from "./rights-panel";

/** From here on a figure with a limit is drawn as one to look at. */
const CROWDED = 0.8;

/** What only this kind of store tells: its own figures, those with a limit as a bar. */
export function FiguresPanel({ figures }: { figures: StoreFiguresDto }) {
  const t = useTranslations("stores");
  const limited = figures.figures.filter(({ limit, value }) => limit && typeof value === "number");
  const plain = figures.figures.filter((figure) => !limited.includes(figure));
  return (
    <Panel
      title={t("ownFigures")}
      unit={figures.at && t.rich("asOf", { ago: () => <TimeAgo value={figures.at} /> })}
    >
      {figures.figures.length === 0 && <p className="text-sm text-muted">{t("notSampledHint")}</p>}
      {limited.map((figure) => (
        <Limited key={figure.key} figure={figure} />
      ))}
      {plain.length > 0 && (
        <div className="@container">
          <Facts
            className={classNames(
              "@2xl:columns-2 @5xl:columns-3 gap-x-8 [&>*]:break-inside-avoid",
              limited.length > 0 && "mt-2",
            )}
          >
            {plain.map((figure) => (
              <Fact key={figure.key} label={t(`figures.${figure.key}`)}>
                <FigureValue {...figure} reason={t("notTold")} />
              </Fact>
            ))}
          </Facts>
        </div>
      )}
      <LimitList limits={figures.notes} />
    </Panel>
  );
}

function Limited({ figure }: { figure: FigureDto }) {
  const t = useTranslations("stores");
  const { limit = 1, value, unit, key } = figure;
  const ratio = Number(value) / Math.max(limit, Number.MIN_VALUE);
  return (
    <div className="mb-2">
      <p className="mb-1 flex flex-wrap items-baseline justify-between gap-x-3 text-sm">
        <span className="text-muted">{t(`figures.${key}`)}</span>
        <span>
          {t.rich("ofLimit", {
            value: () => <FigureValue value={value} unit={unit} />,
            limit: () => <FigureValue value={limit} unit={unit} />,
          })}
        </span>
      </p>
      <ShareBar ratio={ratio} label={t(`figures.${key}`)} tone={ratio > CROWDED ? "bad" : "accent"} />
    </div>
  );
}
