import { CONTROL_DATABASE } from "@/lib/control/address";
import { type EmbeddedPostgres, startEmbedded } from "@/lib/control/embedded";
import { lockFolder } from "@/lib/control/lock";
import { migrate } from "@/lib/control/migrate";
import { createDatabase } from "@/lib/control/provision";
import { env } from "@/lib/env";

export interface ControlServer {
  /** URL of the control DB. */
  url: string;
  /** URL of a database on the same server from which others can be made. */
  adminUrl: string;
  stop(): Promise<void>;
  kill(): void;
}

/** The control DB, running and migrated: DATABASE_URL, or the embedded one, which is restarted if it ends. */
export async function startControl(dataDir: string, say: (line: string) => void): Promise<ControlServer> {
  const { DATABASE_URL } = env();
  if (DATABASE_URL) {
    const lock = lockFolder(dataDir);
    await migrate(DATABASE_URL);
    return {
      url: DATABASE_URL,
      adminUrl: DATABASE_URL,
      stop: async () => lock.release(),
      kill: lock.release,
    };
  }
  const keeper = new Keeper(dataDir, say, await startEmbedded({ dataDir }));
  const { server } = keeper;
  try {
    await prepare(server);
  } catch (error) {
    await keeper.stop();
    throw error;
  }
  return {
    url: server.url(CONTROL_DATABASE),
    adminUrl: server.url("postgres"),
    stop: () => keeper.stop(),
    kill: () => keeper.kill(),
  };
}

async function prepare(server: EmbeddedPostgres): Promise<void> {
  try {
    await migrate(server.url(CONTROL_DATABASE));
  } catch {
    // The very first start: there is no database yet. Asking for it first would cost every later start.
    await createDatabase(server.url("postgres"), CONTROL_DATABASE);
    await migrate(server.url(CONTROL_DATABASE));
  }
}

class Keeper {
  private stopping = false;

  constructor(
    private readonly dataDir: string,
    private readonly say: (line: string) => void,
    public server: EmbeddedPostgres,
  ) {
    void this.watch();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.server.stop();
  }

  kill(): void {
    this.stopping = true;
    try {
      process.kill(this.server.pid, "SIGQUIT"); // ends at once; the next start replays its log
    } catch {
      // It has ended already.
    }
  }

  private async watch(): Promise<void> {
    for (;;) {
      await this.server.ended;
      if (this.stopping) return;
      this.say("PostgreSQL ended by itself; it is started again. Nothing that was saved is lost.");
      try {
        this.server = await startEmbedded({ dataDir: this.dataDir });
      } catch (error) {
        this.say(
          `PostgreSQL does not start again: ${error instanceof Error ? error.message : String(error)}`,
        );
        process.kill(process.pid, "SIGTERM");
        return;
      }
    }
  }
}
