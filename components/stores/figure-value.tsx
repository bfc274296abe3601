import { Bytes, Count, Dash, Duration, Percent } from "@/components/ui/figures";
import type { FigureDto } from "@/lib/schemas/figure";

/** A figure in its unit; a dash with the reason where the store does not tell. */
export function FigureValue({
  value,
  unit,
  reason,
}: Pick<FigureDto, "value" | "unit"> & { reason?: string }) {
  if (value === null) return <Dash reason={reason} />;
  if (typeof value === "string") return <span className="[overflow-wrap:anywhere]">{value}</span>;
  switch (unit) {
    case "bytes":
      return <Bytes value={value} />;
    case "ratio":
      return <Percent value={value} />;
    case "ms":
      return <Duration value={value} />;
    case "seconds":
      return <Duration value={value * 1000} />;
    case "perSecond":
      return (
        <span className="whitespace-nowrap">
          <Count value={value} />
          <span className="text-muted">/s</span>
        </span>
      );
    default:
      return <Count value={value} />;
  }
}
