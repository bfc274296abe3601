import { Command } from "commander";
import { addOperationCommands } from "@/lib/cli/operation-commands";
import { addReadCommands } from "@/lib/cli/read-commands";
import { addWriteCommands } from "@/lib/cli/write-commands";
import { VERSION } from "@/lib/services/settings/version";

/** The `strata` command, thin over the services that the pages use. */
export function makeProgram(): Command {
  const program = new Command("strata")
    .description("See, archive, search and restore the log tables of AI applications.")
    .version(VERSION)
    .exitOverride();
  addReadCommands(program);
  addWriteCommands(program);
  addOperationCommands(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}
