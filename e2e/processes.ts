import { execFileSync } from "node:child_process";

interface Process {
  pid: number;
  parent: number;
  command: string;
}

function all(): Process[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    return match ? [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3] ?? "" }] : [];
  });
}

/** Process ids below `pid` whose command line holds `word`. */
export function descendants(pid: number, word: string): number[] {
  const processes = all();
  const below = new Set([pid]);
  for (let found = true; found; ) {
    found = false;
    for (const one of processes) {
      if (!below.has(one.parent) || below.has(one.pid)) continue;
      below.add(one.pid);
      found = true;
    }
  }
  return processes
    .filter((one) => below.has(one.pid) && one.pid !== pid && one.command.includes(word))
    .map((one) => one.pid);
}
