/** A part of a conversation: running text, or code between fences. Nothing else of Markdown is read. */
export type TextBlock = { kind: "text"; text: string } | { kind: "code"; language: string; text: string };

const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]{0,40})[^`]*$/;

/**
 * Splits text at code fences. Everything stays text: no tag, link or entity means anything. A fence that is not
 * closed reaches to the end. Linear in the length of the text, whatever stands in it.
 */
export function textBlocks(text: string): TextBlock[] {
  const blocks: TextBlock[] = [];
  let lines: string[] = [];
  let open: { mark: string; language: string } | null = null;
  const close = () => {
    const joined = lines.join("\n");
    if (open) blocks.push({ kind: "code", language: open.language, text: joined });
    else if (joined.trim() !== "") blocks.push({ kind: "text", text: joined.replace(/^\n+|\n+$/g, "") });
    lines = [];
  };
  for (const line of text.split("\n")) {
    // A fence is short; a line of a megabyte need not be looked through.
    const fence = line.length < 200 ? FENCE.exec(line.trimEnd()) : null;
    const mark = fence?.[1] ?? "";
    const closes = open && mark.startsWith(open.mark) && !fence?.[2];
    if (open ? closes : fence) {
      close();
      open = open ? null : { mark, language: fence?.[2] ?? "" };
    } else lines.push(line);
  }
  if (open || lines.length > 0) close();
  return blocks;
}

/** The beginning of a text, at most `most` UTF-16 units, whole at its end: at a line if one is near, never half a pair. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const line = text.lastIndexOf("\n", most);
  let end = line > most * 0.8 ? line : most;
  if (/[\ud800-\udbff]/.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
