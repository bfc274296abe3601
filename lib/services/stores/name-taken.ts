import { Prisma } from "@/lib/control/prisma/client/client";
import { AppError } from "@/lib/errors";

/** Runs a write and turns a broken uniqueness (P2002) into `conflict` on the field `name`. */
export async function withUniqueName<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== "P2002") throw error;
    const sentence = `There is already one called "${name}". Nothing was saved; choose another name.`;
    throw new AppError("conflict", sentence, {
      key: "nameTaken",
      details: { name },
      fields: { name: sentence },
      cause: error,
    });
  }
}
