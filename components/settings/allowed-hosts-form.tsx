"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useCallback, useState } from "react";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { setAllowedHosts } from "@/lib/actions/settings";

/** Hosts that stores may have although their addresses are link-local or a cloud's metadata service. */
export function AllowedHostsForm({ hosts, mayChange }: { hosts: readonly string[]; mayChange: boolean }) {
  const t = useTranslations("settings.allowedHosts");
  const router = useRouter();
  const [text, setText] = useState(hosts.join("\n"));
  const done = useCallback(() => router.refresh(), [router]);
  const { run, pending, error } = useAction(setAllowedHosts, done);
  const wrong = error && Object.values(error.fields)[0];
  return (
    <Panel title={t("title")}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          const lines = text.split("\n").map((line) => line.trim());
          run({ hosts: lines.filter((line) => line !== "") });
        }}
      >
        <Field label={t("hosts")} hint={t("hint")} error={wrong || undefined}>
          <Textarea
            mono
            rows={3}
            value={text}
            disabled={!mayChange}
            placeholder="db.local"
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        {error && !wrong && <Notice tone="bad">{error.message}</Notice>}
        {mayChange && (
          <Button type="submit" pending={pending} className="self-start">
            {t("save")}
          </Button>
        )}
      </form>
    </Panel>
  );
}
