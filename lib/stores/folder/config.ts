import { realpathSync } from "node:fs";
import { isAbsolute, normalize, sep } from "node:path";
import { z } from "zod";

/** Folders of the operating system: nothing of ours belongs in them or below them. */
const SYSTEM_TREES = [
  "/bin",
  "/boot",
  "/dev",
  "/etc",
  "/lib",
  "/lib32",
  "/lib64",
  "/proc",
  "/run",
  "/sbin",
  "/sys",
  "/usr",
  "/System",
  "/Windows",
];
/** Folders that hold other people's folders: a folder below them is fine, they themselves are not. */
const SHARED_ROOTS = ["/", "/home", "/media", "/mnt", "/opt", "/root", "/srv", "/tmp", "/var", "/Users"];

function trimmed(path: string): string {
  const clean = normalize(path);
  return clean.length > 1 && clean.endsWith(sep) ? clean.slice(0, -1) : clean;
}

/** Why a path cannot be a folder store, in a sentence; null when it can. Follows symbolic links that exist. */
export function pathProblem(path: string): string | null {
  if (path.includes("\0")) return "The path holds a NUL character, which no file system accepts.";
  if (!isAbsolute(path)) return "Give the absolute path of the folder, beginning with /.";
  if (path.split(/[\\/]/).includes("..")) return "The path must not contain `..`; give the folder itself.";
  for (const candidate of [trimmed(path), resolved(path)]) {
    if (SHARED_ROOTS.includes(candidate) || /^[A-Za-z]:\\?$/.test(candidate))
      return `${candidate} holds more than this store would; make a folder of its own below it.`;
    const tree = SYSTEM_TREES.find((name) => candidate === name || candidate.startsWith(`${name}/`));
    if (tree) return `${tree} belongs to the operating system; choose a folder on a data disk.`;
  }
  return null;
}

function resolved(path: string): string {
  try {
    return trimmed(realpathSync(path));
  } catch {
    return trimmed(path); // does not exist yet: nothing to follow
  }
}

export const folderConfig = z.object({
  path: z
    .string()
    .trim()
    .min(1, "Give the absolute path of the folder.")
    .max(3000)
    .superRefine((path, context) => {
      const problem = pathProblem(path);
      if (problem) context.addIssue({ code: "custom", message: problem });
    })
    .transform(trimmed),
});

export type FolderConfig = z.infer<typeof folderConfig>;
