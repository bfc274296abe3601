import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";

/**
 * A folder that takes nothing: without the right to write, or, for root, whom no right stops, a read-only mount.
 * `mend` makes it writable. Null where the machine allows neither.
 */
export function unwritableFolder(path: string): { mend(): void; remove(): void } | null {
  mkdirSync(path, { recursive: true });
  if (process.getuid?.() !== 0) {
    chmodSync(path, 0o555);
    return { mend: () => chmodSync(path, 0o755), remove: () => chmodSync(path, 0o755) };
  }
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", path], { stdio: "ignore" });
  } catch {
    return null;
  }
  return {
    mend: () => execFileSync("mount", ["-o", "remount,rw,size=64m", path], { stdio: "ignore" }),
    remove: () => execFileSync("umount", [path], { stdio: "ignore" }),
  };
}
