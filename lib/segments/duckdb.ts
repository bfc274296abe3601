import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { AppError } from "@/lib/errors";

export interface SandboxOptions {
  /** Folders it may read below; nothing else of the file system, and no network. */
  folders: readonly string[];
  memoryMb?: number;
  threads?: number;
}

export interface Sandbox {
  connection: DuckDBConnection;
  /** Another connection to the same sandbox: statements on two of them run at once. */
  connect(): Promise<DuckDBConnection>;
  close(): void;
}

/**
 * A private in-memory DuckDB that can read below `folders` and nothing else: no network, no extensions, no
 * changing of these settings by whatever SQL runs in it. About 10 ms to open.
 */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(options.threads ?? 2),
    memory_limit: `${options.memoryMb ?? 192}MB`,
    temp_directory: "",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    preserve_insertion_order: "true",
  });
  try {
    const connection = await instance.connect();
    await connection.run(`SET allowed_directories = [${options.folders.map(literal).join(", ")}]`);
    await connection.run("SET enable_external_access = false");
    await connection.run("SET lock_configuration = true");
    return {
      connection,
      connect: () => instance.connect(),
      close: () => {
        connection.closeSync();
        instance.closeSync();
      },
    };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

/** Runs `work` in a sandbox of its own; an aborted signal interrupts the running statement. */
export async function inSandbox<T>(
  options: SandboxOptions,
  signal: AbortSignal,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const sandbox = await openSandbox(options);
  const interrupt = () => sandbox.connection.interrupt();
  signal.addEventListener("abort", interrupt, { once: true });
  try {
    return await work(sandbox.connection);
  } catch (error) {
    if (signal.aborted)
      throw new AppError("cancelled", "The reading of segments was cancelled.", { cause: error });
    throw error;
  } finally {
    signal.removeEventListener("abort", interrupt);
    sandbox.close();
  }
}

/** A SQL string literal. DuckDB knows no backslash escapes in plain literals. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
