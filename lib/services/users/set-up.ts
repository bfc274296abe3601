import { createFirstAdmin } from "@/lib/auth/setup";
import { type SetUpInput, setUpSchema } from "@/lib/schemas/user";
import { parse } from "@/lib/services/parse";

/** Makes the first administrator. The one-time token stands in for a signed-in actor; it works once. */
export const setUp = async (input: SetUpInput): Promise<string> =>
  createFirstAdmin(parse(setUpSchema, input));
