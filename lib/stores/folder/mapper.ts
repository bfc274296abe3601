import { isAppError, StoreError } from "@/lib/errors";

const errnoOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

/**
 * What a failed call on the file system means, told by errno. `path` names the file or folder it was about.
 * What did not come from the file system (the source of a body broke) is returned as it is.
 */
export function storeError(error: unknown, path: string): unknown {
  if (isAppError(error)) return error;
  const details = { path };
  if (error instanceof Error && error.name === "AbortError")
    return new StoreError("cancelled", `The work on ${path} was cancelled.`, { cause: error, details });
  if (error instanceof Error && error.name === "TimeoutError")
    return new StoreError("timeout", `The folder did not answer in time at ${path}.`, {
      cause: error,
      details,
      key: "folderTimeout",
    });
  if (errnoOf(error) === "") return error;
  switch (errnoOf(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return new StoreError(
        "disk_full",
        `The disk under ${path} is full. Nothing of this object is visible and the source is untouched. Free some space or enlarge the disk, then resume.`,
        { cause: error, details, key: "folderDiskFull", retryable: true },
      );
    case "EACCES":
    case "EPERM":
      return new StoreError(
        "refused",
        `The operating system does not let Strata write or read ${path}. Nothing was changed. Give the account that runs Strata the right to it.`,
        { cause: error, details, key: "folderNoAccess" },
      );
    case "EROFS":
      return new StoreError(
        "refused",
        `${path} lies on a file system that is mounted read-only. Nothing was changed. Mount it for writing, or choose another folder.`,
        { cause: error, details, key: "folderReadOnly" },
      );
    case "ENOENT":
      return new StoreError("not_found", `${path} does not exist.`, {
        cause: error,
        details,
        key: "folderNotFound",
      });
    case "EEXIST":
      return new StoreError(
        "conflict",
        `${path} exists already. Objects are never overwritten, so nothing was changed.`,
        { cause: error, details, key: "folderExists" },
      );
    case "ENOTDIR":
    case "EISDIR":
    case "ENAMETOOLONG":
    case "EINVAL":
      return new StoreError("bad_input", `${path} cannot be used as the name of an object in this folder.`, {
        cause: error,
        details,
        key: "folderBadName",
      });
    case "ENOTSUP":
    case "ENOSYS":
    case "EXDEV":
    case "EMLINK":
      return new StoreError(
        "refused",
        `The file system under ${path} cannot create a file under its final name without overwriting (no hard links). Nothing was written. Choose a folder on another file system.`,
        { cause: error, details, key: "folderNoLinks" },
      );
    default:
      return new StoreError(
        "unreachable",
        `The folder answered with an error at ${path}. If it is a network disk, check its connection; then try again.`,
        { cause: error, details, key: "folderUnreachable" },
      );
  }
}

export const isMissing = (error: unknown): boolean =>
  errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR";
