import { parseArgs } from "node:util";
import { prepareDemo } from "@/lib/demo/prepare";
import { env } from "@/lib/env";

/** `tsx lib/demo/generate.ts --url <superuser URL> [--data folder] [--scale 0.1] [--end 2026-11-01]`. */
const { values } = parseArgs({
  options: {
    url: { type: "string" },
    data: { type: "string" },
    scale: { type: "string", default: "1" },
    end: { type: "string" },
  },
});

const scale = Number(values.scale);
const endAt = values.end === undefined ? undefined : new Date(values.end);
if (!values.url || !(scale > 0) || (endAt && Number.isNaN(endAt.getTime()))) {
  console.error(
    "Usage: tsx lib/demo/generate.ts --url <superuser URL> [--data folder] [--scale 0.1] [--end date]",
  );
  process.exit(2);
}
await prepareDemo({
  adminUrl: values.url,
  dataDir: values.data ?? env().STRATA_DATA,
  say: console.log,
  scale,
  endAt,
});
