import { AppError, type ErrorDto } from "@/lib/errors";

const NOT_SENT: ErrorDto = {
  code: "unreachable",
  message: "Strata did not answer. What is shown may be old; it tries again by itself.",
  key: "notSent",
};

/** GETs one of our routes. Throws the server's own error as an AppError, so that a panel can show it. */
export async function fetchJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, { signal, headers: { accept: "application/json" } }).catch(
    (error: unknown) => {
      if (signal?.aborted) throw error;
      throw toError(NOT_SENT);
    },
  );
  if (response.ok) return response.json();
  const body: unknown = await response.json().catch(() => null);
  throw toError(isErrorBody(body) ? body.error : NOT_SENT);
}

const isErrorBody = (body: unknown): body is { error: ErrorDto } =>
  typeof body === "object" && body !== null && "error" in body;

function toError({ code, message, fields, details, key, ref }: ErrorDto): AppError {
  return new AppError(code, message, { fields, details: ref ? { ...details, ref } : details, key });
}

/** A query string of what is set, in the given order; empty without any. Arrays repeat the name. */
export function queryString(
  values: Record<string, string | number | readonly string[] | null | undefined>,
): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, String(one));
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}
