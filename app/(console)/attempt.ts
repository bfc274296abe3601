import { notFound } from "next/navigation";
import { isAppError } from "@/lib/errors";
import type { ActionResult } from "@/lib/schemas/action";
import { errorDto } from "@/lib/services/error-dto";

/** What a panel's service answered, or why it did not: one panel's failure never takes its page down. */
export async function attempt<T>(name: string, answer: Promise<T>): Promise<ActionResult<T>> {
  try {
    return { ok: true, data: await answer };
  } catch (error) {
    return { ok: false, error: errorDto(error, name) };
  }
}

/** What the page is about; an address that leads nowhere is said as such rather than as an error. */
export async function found<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (isAppError(error) && error.code === "not_found") notFound();
    throw error;
  }
}
