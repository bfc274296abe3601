"use client";
import { useEffect } from "react";
import { seenOperation } from "@/lib/actions/operations";

/** Takes the red dot away once somebody has looked at a failed operation. */
export function MarkSeen({ operationId }: { operationId: string }) {
  useEffect(() => {
    seenOperation({ operationId }).catch(() => undefined);
  }, [operationId]);
  return null;
}
