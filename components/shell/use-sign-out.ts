"use client";
import { useCallback } from "react";

/** Ends the session, then loads the sign-in page anew so that nothing of this one stays in memory. */
export function useSignOut(): () => void {
  return useCallback(() => {
    void fetch("/api/auth/sign-out", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    }).finally(() => window.location.assign("/sign-in"));
  }, []);
}
