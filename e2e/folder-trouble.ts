import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";

export interface Spoilable {
  /** From now on nothing can be written into it. */
  spoil(): void;
  remove(): void;
}

/**
 * A folder that can be made to take nothing: without the right to write, or, for root, whom no right stops, as a mount
 * that becomes read-only. Null where the machine allows neither.
 */
export function spoilableFolder(path: string): Spoilable | null {
  mkdirSync(path, { recursive: true });
  if (process.getuid?.() !== 0)
    return { spoil: () => chmodSync(path, 0o555), remove: () => chmodSync(path, 0o755) };
  const mount = (...options: string[]) => execFileSync("mount", [...options, path], { stdio: "ignore" });
  try {
    mount("-t", "tmpfs", "-o", "size=64m", "tmpfs");
  } catch {
    return null;
  }
  return {
    spoil: () => mount("-o", "remount,ro"),
    remove: () => void execFileSync("umount", ["-l", path], { stdio: "ignore" }),
  };
}
