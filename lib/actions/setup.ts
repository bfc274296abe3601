"use server";
import { headers } from "next/headers";
import { assertSameOrigin } from "@/lib/auth/origin";
import type { ActionResult } from "@/lib/schemas/action";
import type { SetUpInput } from "@/lib/schemas/user";
import { errorDto } from "@/lib/services/error-dto";
import { setUp as setUpService } from "@/lib/services/users/set-up";

/** The one action without a session: there is nobody yet who could have one. */
export async function setUp(input: SetUpInput): Promise<ActionResult<string>> {
  try {
    assertSameOrigin(await headers());
    return { ok: true, data: await setUpService(input) };
  } catch (error) {
    return { ok: false, error: errorDto(error, "setUp") };
  }
}
