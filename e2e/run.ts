import { spawn } from "node:child_process";

/** Runs the stories; arguments go to Playwright. Run by tsx so that the specs' `@/` paths resolve the same way. */
const child = spawn("playwright", ["test", ...process.argv.slice(2)], { stdio: "inherit" });
child.on("close", (code) => {
  process.exitCode = code ?? 1;
});
