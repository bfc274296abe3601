import { createInterface, type Interface } from "node:readline/promises";
import { AppError } from "@/lib/errors";

let terminal: Interface | undefined;

/** Asks a question on the terminal. Throws `bad_input` where there is none: scripts must say it by options. */
export async function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new AppError(
      "bad_input",
      "There is no terminal to ask on. Nothing was done. Give --yes and --reason.",
    );
  }
  terminal ??= createInterface({ input: process.stdin, output: process.stderr });
  return terminal.question(question);
}

export const closeTerminal = (): void => terminal?.close();
