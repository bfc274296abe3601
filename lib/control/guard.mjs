// Stops PostgreSQL when the process that started it is gone, however it went: our standard input is a pipe from
// it and ends with it. Plain Node, so that it starts at once. Arguments: the postmaster's pid, its data folder.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [pid, folder] = process.argv.slice(2);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});

function stopServer() {
  try {
    const [running] = readFileSync(join(folder, "postmaster.pid"), "utf8").split("\n");
    if (running === pid) process.kill(Number(pid), "SIGINT"); // fast shutdown
  } catch {
    // No such file or process: it has stopped already.
  }
  process.exit(0);
}

process.stdin.on("end", stopServer).on("error", stopServer).resume();
