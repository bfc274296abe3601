import { AUDIT_OUTCOMES, type AuditOutcome, listAuditSchema } from "@/lib/schemas/audit";
import { instantSchema } from "@/lib/schemas/page";

/** What the address of the audit log says; empty text: not set. */
export interface AuditState {
  action: string;
  actor: string;
  subject: string;
  outcome: AuditOutcome | "";
  from: string;
  until: string;
  cursor: string;
}

type Search = Record<string, string | string[] | undefined>;

/** Reads an address; what does not fit is left out rather than refused. */
export function parseAuditState(search: Search): AuditState {
  const word = (name: "action" | "actor" | "subject" | "cursor") => {
    const value = search[name];
    const parsed = listAuditSchema.shape[name].safeParse(Array.isArray(value) ? value[0] : value);
    return parsed.success ? (parsed.data ?? "") : "";
  };
  const instant = (value: string | string[] | undefined) => instantSchema.safeParse(value).data ?? "";
  return {
    action: word("action"),
    actor: word("actor"),
    subject: word("subject"),
    outcome: AUDIT_OUTCOMES.find((outcome) => outcome === search.outcome) ?? "",
    from: instant(search.from),
    until: instant(search.until),
    cursor: word("cursor"),
  };
}

/** The address of a state. */
export function auditHref(state: Partial<AuditState>): string {
  const params = new URLSearchParams();
  for (const name of ["action", "actor", "subject", "outcome", "from", "until", "cursor"] as const)
    if (state[name]) params.set(name, state[name]);
  const query = params.toString();
  return query ? `/audit?${query}` : "/audit";
}

/** Where all entries that the filters let through can be had as CSV. */
export const auditExportUrl = (state: AuditState): string =>
  `/api/audit/export${auditHref({ ...state, cursor: "" }).slice("/audit".length)}`;

export const isFiltered = ({ cursor: _, ...filters }: AuditState): boolean =>
  Object.values(filters).some(Boolean);
