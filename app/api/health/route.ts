import { pool } from "@/lib/control/database";

/** Whether this process serves and its database answers. Public, says nothing else. */
export async function GET(): Promise<Response> {
  const ok = await pool()
    .query("SELECT 1")
    .then(() => true)
    .catch(() => false);
  return Response.json({ ok }, { status: ok ? 200 : 503, headers: { "cache-control": "no-store" } });
}
