import { spawnSync } from "node:child_process";
import { AppError } from "@/lib/errors";

/** How PostgreSQL's programs are started: PostgreSQL refuses to run as root, so root starts them as another user. */
export interface ServerUser {
  uid?: number;
  gid?: number;
  /** Words before the program and its arguments; empty when Node can change the user by itself. */
  prefix: readonly string[];
}

/**
 * The user that runs PostgreSQL: ourselves, or `postgres` (made when missing, else `nobody`) when we are root.
 * `paths` are what that user must reach; folders only root may enter are reached with setpriv, which lends the
 * one right to pass them. Throws `refused` with what to do when they cannot be reached at all.
 */
export function serverUser(paths: readonly string[]): ServerUser {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const { uid, gid } = systemUser();
  const plain: ServerUser = { uid, gid, prefix: [] };
  if (reaches(plain, paths)) return plain;
  const lent: ServerUser = {
    prefix: [
      "setpriv",
      `--reuid=${uid}`,
      `--regid=${gid}`,
      "--clear-groups",
      "--securebits=+no_setuid_fixup", // access(2), which PostgreSQL asks, would else forget the lent right
      "--inh-caps=+dac_override",
      "--ambient-caps=+dac_override",
    ],
  };
  if (reaches(lent, paths)) return lent;
  throw new AppError(
    "refused",
    `PostgreSQL does not run as root, and the user it runs as instead cannot enter ${paths.join(" or ")}. Run Strata as a normal user, or put it and STRATA_DATA into folders that everybody may enter (chmod o+x).`,
    { details: { paths } },
  );
}

/** Program and arguments with the user's prefix applied, and the options for spawn. */
export function asUser(user: ServerUser, program: string, args: readonly string[]) {
  const [command = program, ...rest] = [...user.prefix, program, ...args];
  return { command, args: rest, options: { uid: user.uid, gid: user.gid } };
}

function reaches(user: ServerUser, paths: readonly string[]): boolean {
  return paths.every((path) => {
    const run = asUser(user, "test", ["-x", path]);
    return spawnSync(run.command, run.args, { ...run.options, stdio: "ignore" }).status === 0;
  });
}

function systemUser(): { uid: number; gid: number } {
  const existing = idsOf("postgres");
  if (existing) return existing;
  spawnSync("useradd", ["--system", "--user-group", "--no-create-home", "postgres"], { stdio: "ignore" });
  const found = idsOf("postgres") ?? idsOf("nobody");
  if (found) return found;
  throw new AppError(
    "refused",
    "PostgreSQL does not run as root, and no other user could be found or made for it. Run Strata as a normal user.",
  );
}

function idsOf(name: string): { uid: number; gid: number } | null {
  const [uid, gid] = ["-u", "-g"].map((flag) => spawnSync("id", [flag, name], { encoding: "utf8" }));
  if (uid?.status !== 0 || gid?.status !== 0) return null;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}
