import type { TableShape } from "@/lib/stores/table";

/** Rows of these belong to somewhere else: they can be read, not moved. */
export const cannotMoveKinds: readonly TableShape["kind"][] = ["view", "foreign"];
