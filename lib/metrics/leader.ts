import type { PoolClient } from "pg";
import { isControlAway, pool } from "@/lib/control/database";

/** Any constant: whoever holds it is the one worker that samples. */
const SAMPLER_LOCK = 7_304_202;

/**
 * Leadership among workers, by a session lock of the control DB: it falls with the connection, so a killed leader
 * is followed within one tick. `held()` takes it when it is free and tells whether this worker has it.
 * Throws when the control DB does not answer: then nobody knows.
 */
export class Leader {
  #client: PoolClient | null = null;

  async held(): Promise<boolean> {
    if (this.#client) return this.#alive(this.#client);
    const client = await pool().connect();
    try {
      const { rows } = await client.query<{ got: boolean }>("SELECT pg_try_advisory_lock($1) AS got", [
        SAMPLER_LOCK,
      ]);
      if (rows[0]?.got) {
        this.#client = client;
        return true;
      }
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
    return false;
  }

  async release(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    // Destroyed rather than returned: the lock must not live on in the pool.
    client?.release(true);
  }

  async #alive(client: PoolClient): Promise<boolean> {
    try {
      await client.query("SELECT 1");
      return true;
    } catch (error) {
      await this.release();
      if (isControlAway(error)) throw error;
      return false;
    }
  }
}
