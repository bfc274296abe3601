import { errorResponse } from "@/lib/api/route";
import { auth } from "@/lib/auth/auth";
import { assertSameOrigin } from "@/lib/auth/origin";
import { AppError } from "@/lib/errors";

/** The only paths of the sign-in library that can be reached; accounts are made and changed by services. */
const OPEN = new Set(["GET /get-session", "POST /sign-in/email", "POST /sign-out", "GET /ok"]);

async function handle(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  try {
    if (!OPEN.has(`${request.method} ${pathname.replace(/^\/api\/auth/, "")}`)) throw notHere();
    if (request.method !== "GET") assertSameOrigin(request.headers);
    return await auth().handler(request);
  } catch (error) {
    return errorResponse(error, pathname);
  }
}

const notHere = () => new AppError("not_found", "There is nothing at this address.", { key: "notFound" });

export const GET = handle;
export const POST = handle;
