import { useTranslations } from "next-intl";

/** Why an operation waits or rests: a code, a space, and its figure or sentence, as the runner stores it. */
export function ReasonText({ text }: { text: string }) {
  const t = useTranslations("operationPage.reasons");
  const [code = "", ...rest] = text.split(" ");
  return <>{t.has(code) ? t(code, { detail: rest.join(" ") }) : text}</>;
}
