import { LoaderCircle } from "lucide-react";

/** A turning mark beside words that say what is going on. */
export const Spinner = ({ size = 14 }: { size?: number }) => (
  <LoaderCircle aria-hidden size={size} className="shrink-0 animate-spin" />
);
