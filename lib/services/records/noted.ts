import { isAppError } from "@/lib/errors";

/** What a tier answers; nothing, and a note, where it cannot be asked. */
export async function noted<T>(notes: string[], tier: string, read: () => Promise<T[]>): Promise<T[]> {
  try {
    return await read();
  } catch (error) {
    const sentence = isAppError(error) ? error.message : "it did not answer in time";
    const note = `${tier}: ${sentence}`;
    if (!notes.includes(note)) notes.push(note);
    return [];
  }
}
