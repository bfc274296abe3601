"use client";
import { useEffect } from "react";
import { markOperationSeen } from "@/lib/actions/operations";

/** Takes the red dot away once somebody has looked at a failed operation. */
export function MarkSeen({ operationId }: { operationId: string }) {
  useEffect(() => {
    markOperationSeen({ operationId }).catch(() => undefined);
  }, [operationId]);
  return null;
}
