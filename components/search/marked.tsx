import { visibleText } from "@/lib/format/visible";

/** Text from the data with its matches marked; never markup. Offsets are half-open, in order. */
export function Marked({ text, matches }: { text: string; matches: readonly (readonly [number, number])[] }) {
  const shown = visibleText(text);
  const parts: React.ReactNode[] = [];
  let at = 0;
  for (const [from, until] of matches) {
    if (from < at || until > shown.length) continue;
    parts.push(shown.slice(at, from), <mark key={from}>{shown.slice(from, until)}</mark>);
    at = until;
  }
  parts.push(shown.slice(at));
  return <bdi>{parts}</bdi>;
}
