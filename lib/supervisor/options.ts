import { parseArgs } from "node:util";
import { AppError } from "@/lib/errors";

export interface SupervisorOptions {
  demo: boolean;
  reset: boolean;
  dev: boolean;
}

/** Reads the command line. Throws `bad_input` with the usage for anything unknown. */
export function parseOptions(args: readonly string[]): SupervisorOptions {
  const flag = { type: "boolean", default: false } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { demo: flag, reset: flag, dev: flag },
      strict: true,
    });
    return { demo: values.demo, reset: values.reset, dev: values.dev };
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new AppError("bad_input", `${said}\nUsage: npm start -- [--demo] [--reset] [--dev]`, { cause });
  }
}
