"use client";
import { useEffect, useState } from "react";

const left = (until: string): number => Math.max(0, Math.ceil((Date.parse(until) - Date.now()) / 60_000));

/** Whole minutes until an instant, 0 once it has passed; null before the page has come alive. */
export function useMinutesLeft(until: string): number | null {
  const [minutes, setMinutes] = useState<number | null>(null);
  useEffect(() => {
    setMinutes(left(until));
    const timer = setInterval(() => setMinutes(left(until)), 5_000);
    return () => clearInterval(timer);
  }, [until]);
  return minutes;
}
