import { z } from "zod";
import { bodyText } from "@/lib/api/body-text";
import { errorResponse } from "@/lib/api/route";
import { forgetAttempts, takeAttempt } from "@/lib/auth/attempts";
import { auth } from "@/lib/auth/auth";
import { assertSameOrigin } from "@/lib/auth/origin";
import { AppError } from "@/lib/errors";

/** The only paths of the sign-in library that can be reached; accounts are made and changed by services. */
const OPEN = new Set(["GET /get-session", "POST /sign-in/email", "POST /sign-out", "GET /ok"]);

const MAX_BODY_BYTES = 16 << 10;

async function handle(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  try {
    if (!OPEN.has(`${request.method} ${pathname.replace(/^\/api\/auth/, "")}`)) throw notHere();
    if (request.method !== "GET") assertSameOrigin(request.headers);
    return request.method === "GET" ? await auth().handler(request) : await post(request, pathname);
  } catch (error) {
    return errorResponse(error, pathname);
  }
}

/** Whoever is not signed in may send no more than an address and a password, and guess only so often. */
async function post(request: Request, pathname: string): Promise<Response> {
  const { url, headers } = request;
  const body = await bodyText(request, MAX_BODY_BYTES);
  const forward = () => auth().handler(new Request(url, { method: "POST", headers, body }));
  if (!pathname.endsWith("/sign-in/email")) return forward();
  const email = emailOf(body);
  if (!takeAttempt(email))
    return Response.json({ message: "Too many tries. Wait a minute." }, { status: 429 });
  const response = await forward();
  if (response.ok) forgetAttempts(email);
  return response;
}

const withEmail = z.object({ email: z.string() });

function emailOf(body: string): string {
  try {
    return withEmail.safeParse(JSON.parse(body)).data?.email ?? "";
  } catch {
    return ""; // the sign-in library says what is wrong with it
  }
}

const notHere = () => new AppError("not_found", "There is nothing at this address.", { key: "notFound" });

export const GET = handle;
export const POST = handle;
