import { CommanderError } from "commander";
import { closeTerminal } from "@/lib/cli/ask";
import { makeProgram } from "@/lib/cli/program";
import { closeDatabase, useWorkerPool as takeWorkerPool } from "@/lib/control/database";
import { ERROR_CODES } from "@/lib/errors";
import { stopQueue } from "@/lib/jobs/queue";
import { closeSandboxes } from "@/lib/search/sandbox-pool";
import { errorDto } from "@/lib/services/error-dto";
import { closeStores } from "@/lib/stores/open";

takeWorkerPool();

/** 0 done, 2 bad input, others by error code: see docs/cli.md. */
async function run(): Promise<number> {
  try {
    await makeProgram().parseAsync(process.argv);
    return process.exitCode === undefined ? 0 : Number(process.exitCode);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ERROR_CODES.bad_input.exit;
    const dto = errorDto(error, "cli");
    if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify({ error: dto })}\n`);
    else process.stderr.write(`${dto.message}\n`);
    return ERROR_CODES[dto.code].exit;
  }
}

const code = await run();
closeTerminal();
await Promise.allSettled([stopQueue(0), closeSandboxes(), closeStores()]);
await closeDatabase().catch(() => undefined);
process.exit(code);
