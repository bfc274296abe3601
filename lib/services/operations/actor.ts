import type { Actor } from "@/lib/schemas/user";

/** Whoever acts, as an operation keeps it: the command line has no account, so its name stands for it. */
export const operationActor = (actor: Actor) => ({ userId: actor.userId ?? actor.name, name: actor.name });
