import { createTranslator } from "next-intl";
import english from "@/lib/i18n/messages/en.json" with { type: "json" };
import { withDriverWords } from "@/lib/stores/registry";

type Values = Record<string, string | number>;

interface Words {
  has(key: string): boolean;
  markup(key: string, values: Record<string, string | number | ((chunks: string) => string)>): string;
}

const messages = withDriverWords(english, "en");
// Keys come from plans and stored items, so they are checked when they are used, not by the compiler.
const said = createTranslator({ locale: "en", messages, onError: () => undefined }) as unknown as Words;

/** A sentence of the message files in English, its marks taken off; the key itself where there is none. */
export function sentence(key: string, details: Values = {}): string {
  if (!said.has(key)) {
    const facts = Object.entries(details).map(([name, value]) => `${name} ${value}`);
    return [key.split(".").at(-1), ...facts].join(", ");
  }
  return said.markup(key, { ...details, b: (chunks: string) => chunks });
}
