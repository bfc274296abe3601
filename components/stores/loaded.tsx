import type { ReactNode } from "react";
import type { ActionResult } from "@/lib/schemas/action";
import { PanelFailed } from "./panel-failed";

/** Draws what was read, or says that it could not be: each panel fails alone. */
export function Loaded<T>({ part, children }: { part: ActionResult<T>; children: (data: T) => ReactNode }) {
  return part.ok ? children(part.data) : <PanelFailed error={part.error} />;
}
