import type { Random } from "@/lib/demo/random";
import type { Topic } from "@/lib/demo/text/compose";

/** Words that stand in a handful of rows only: a search for one of them must be fast and exact. */
export const RARE_WORDS = [
  "zephyrquartz",
  "kumquat-7781",
  "oberleutnant",
  "quixotically",
  "饕餮纹",
  "鹬蚌相争",
  "曲水流觞",
] as const;

/** Markup that must be shown as text. A screen that runs any of it has a hole. */
const MARKUP = [
  '<script>document.title = "owned"; alert("strata")</script>',
  "<img src=x onerror=\"alert('strata')\">",
  '<h1 style="position:fixed;inset:0">System maintenance</h1>',
  '<a href="javascript:alert(1)">confirm your account</a>',
  "<table><tr><td>A</td><td>B</td></tr></table>",
  "</textarea></script><svg onload=alert(1)>",
  "[click here](javascript:alert(1)) **bold** _it_ `code` <b>bold</b>",
  '=HYPERLINK("http://example.invalid","open")',
];

const EMOJI = ["🙂", "🎉", "📦", "✅", "⚠️", "👩🏽‍💻", "🍜", "🚄", "🧾", "🇯🇵", "❤️‍🔥", "🤖"];

/** What one answer in thirty carries after its text: emoji, markup, or a rare word. */
export function spice(topic: Topic, random: Random): string {
  const luck = random.float();
  if (luck < 0.025) return ` ${random.pick(EMOJI)}${random.pick(EMOJI)}`;
  if (luck < 0.031) return `\n\n${random.pick(MARKUP)}`;
  if (luck < 0.0314)
    return topic.language === "zh" ? `（${random.pick(RARE_WORDS)}）` : ` (${random.pick(RARE_WORDS)})`;
  return "";
}
