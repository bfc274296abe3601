import { childEnv } from "@/lib/env";
import { ensureBuilt } from "@/lib/supervisor/build";

/** `npm run build`: builds the pages unless the last build was made from the same sources. */
await ensureBuilt({
  root: process.cwd(),
  say: (line) => console.log(line),
  env: childEnv({ NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" }),
  signal: new AbortController().signal,
});
