"use client";
import { useShownError } from "@/components/live/use-action";
import type { StoreFailureDto } from "@/lib/schemas/store";

/** Why a store did not answer, in the reader's language where it has a sentence. */
export function FailureText({ failure }: { failure: StoreFailureDto }) {
  return useShownError()({ ...failure, code: "unreachable" }).message;
}
