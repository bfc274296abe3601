import { bodyText } from "@/lib/api/body-text";
import { unauthenticated } from "@/lib/auth/authorize";
import { assertSameOrigin } from "@/lib/auth/origin";
import { currentUser, type SignedIn } from "@/lib/auth/session";
import { AppError, ERROR_CODES } from "@/lib/errors";
import { errorDto } from "@/lib/services/error-dto";

export interface Call<Params> {
  actor: SignedIn;
  request: Request;
  params: Params;
  /** The query string: names that repeat are arrays. */
  query: Record<string, string | string[]>;
  /** The JSON body; null without one. Throws `bad_input` for anything else. */
  body(): Promise<unknown>;
}

const NO_STORE = { "cache-control": "no-store" };

/**
 * A route handler over a service: refuses whoever is not signed in and, for mutations, foreign origins; the service
 * authorises and parses. Answers JSON, or the Response that the handler made; failures as `{ error }` with status.
 */
export function route<Params extends Record<string, string | string[]> = Record<never, never>>(
  handle: (call: Call<Params>) => Promise<unknown>,
) {
  return async (request: Request, context: { params: Promise<Params> }): Promise<Response> => {
    try {
      if (request.method !== "GET" && request.method !== "HEAD") assertSameOrigin(request.headers);
      const actor = await currentUser(request.headers);
      if (!actor) throw unauthenticated();
      const query = queryOf(new URL(request.url).searchParams);
      const call = { actor, request, params: await context.params, query, body: () => bodyOf(request) };
      const answer = await handle(call);
      return answer instanceof Response ? answer : Response.json(answer ?? null, { headers: NO_STORE });
    } catch (error) {
      return errorResponse(error, new URL(request.url).pathname);
    }
  };
}

export function errorResponse(error: unknown, where: string): Response {
  const dto = errorDto(error, where);
  return Response.json({ error: dto }, { status: ERROR_CODES[dto.code].status, headers: NO_STORE });
}

function queryOf(search: URLSearchParams): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  for (const name of new Set(search.keys())) {
    const values = search.getAll(name);
    query[name] = values.length > 1 ? values : (values[0] ?? "");
  }
  return query;
}

/** Larger than any form of ours; a plan that restores 10,000 rows by key fits. */
const MAX_BODY_BYTES = 4 << 20;

async function bodyOf(request: Request): Promise<unknown> {
  const text = await bodyText(request, MAX_BODY_BYTES);
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("bad_input", "The body is not JSON. Nothing was done.", { key: "notJson", cause });
  }
}
