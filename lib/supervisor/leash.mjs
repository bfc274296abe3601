// Loaded first into every child of the supervisor, and into their children: ends the process when the supervisor
// is gone, even by SIGKILL. Plain Node. STRATA_SUPERVISOR holds the supervisor's pid.
import { isMainThread } from "node:worker_threads";

const supervisor = Number(process.env.STRATA_SUPERVISOR);
const parent = process.ppid;

function supervisorLives() {
  if (process.ppid !== parent) return false;
  try {
    process.kill(supervisor, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

if (isMainThread && supervisor > 0) {
  const watch = setInterval(() => {
    if (supervisorLives()) return;
    clearInterval(watch);
    // First the polite way, so that a worker can hand back its lease.
    process.kill(process.pid, "SIGTERM");
    setTimeout(() => process.exit(1), 8_000).unref();
  }, 500);
  watch.unref();
}
