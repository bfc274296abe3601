import { type ChartTone, TONE_COLOR } from "./chart-types";

const WIDTH = 150;
const HEIGHT = 28;

/** The course of a figure without axes; `null` breaks the line, and after the last value a dotted line goes on. */
export function Sparkline({
  values,
  label,
  tone = "1",
  height = HEIGHT,
}: {
  /** Evenly spaced, oldest first. */
  values: readonly (number | null)[];
  label: string;
  tone?: ChartTone;
  height?: number;
}) {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return <div style={{ height }} aria-hidden />;
  const lowest = Math.min(...known);
  const span = Math.max(...known) - lowest || 1;
  const x = (index: number) => (values.length < 2 ? 0 : (index / (values.length - 1)) * WIDTH);
  const y = (value: number) => HEIGHT - 3 - ((value - lowest) / span) * (HEIGHT - 6);
  const lines = stretches(values).map((stretch) =>
    stretch.map(([index, value]) => [x(index), y(value)] as const),
  );
  const end = lines.at(-1)?.at(-1);
  const color = TONE_COLOR[tone];
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="block w-full"
      style={{ height }}
    >
      {lines.map((line) => (
        <g key={line[0]?.[0]}>
          <path
            d={`${path(line)} L${line.at(-1)?.[0]} ${HEIGHT} L${line[0]?.[0]} ${HEIGHT} Z`}
            fill={color}
            opacity={0.1}
          />
          <path
            d={path(line)}
            fill="none"
            stroke={color}
            strokeWidth={1.5}
            vectorEffect="non-scaling-stroke"
          />
        </g>
      ))}
      {end && end[0] < WIDTH && (
        <path
          d={`M${end[0]} ${end[1]} H${WIDTH}`}
          fill="none"
          stroke={color}
          strokeWidth={1.5}
          strokeDasharray="1.5 4"
          vectorEffect="non-scaling-stroke"
        />
      )}
    </svg>
  );
}

const path = (line: readonly (readonly [number, number])[]): string =>
  line.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join(" ");

/** The runs of known values, each with its place. */
function stretches(values: readonly (number | null)[]): [number, number][][] {
  const runs: [number, number][][] = [];
  values.forEach((value, index) => {
    if (value === null) return;
    if (index > 0 && values[index - 1] !== null) runs.at(-1)?.push([index, value]);
    else runs.push([[index, value]]);
  });
  return runs;
}
