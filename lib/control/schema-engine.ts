import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import * as bindings from "@prisma/schema-engine-wasm/schema_engine_bg";
import { __wbg_set_wasm, SchemaEngine } from "@prisma/schema-engine-wasm/schema_engine_bg";
import { Client } from "pg";
import { readSchema } from "@/lib/control/migration-files";

const INTERNAL_CHAR_OID = 18;
const UUID_OID = 2950;

/**
 * The adapter does not know PostgreSQL's internal one-byte type "char", which the engine reads from the
 * catalogue when it describes a schema. It travels as uuid, which no catalogue column is and whose text nobody
 * parses, and is given its true type on the other side.
 */
class CatalogueClient extends Client {
  constructor(config?: ConstructorParameters<typeof Client>[0]) {
    super(config);
    this.connection.on("rowDescription", (message: { fields: { dataTypeID: number }[] }) => {
      for (const field of message.fields)
        if (field.dataTypeID === INTERNAL_CHAR_OID) field.dataTypeID = UUID_OID;
    });
  }
}

class CataloguePg extends PrismaPg {
  private readonly opened: { dispose(): Promise<void> }[] = [];

  override async connect() {
    const adapter = await super.connect();
    this.opened.push(adapter);
    const query = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (sql) => {
      const result = await query(sql);
      const columnTypes = result.columnTypes.map((type) =>
        type === ColumnTypeEnum.Uuid ? ColumnTypeEnum.Character : type,
      );
      return { ...result, columnTypes };
    };
    return adapter;
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.opened.splice(0).map((adapter) => adapter.dispose()));
  }
}

let instantiated: Promise<void> | undefined;

/**
 * Prisma's schema engine as WebAssembly, on the database of `url`: nothing is downloaded. Loading it costs
 * about 0.2 s, so callers first make sure that there is work for it. Its connections are closed afterwards.
 */
export async function withSchemaEngine<T>(
  url: string,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  instantiated ??= instantiate();
  await instantiated;
  const adapters = new CataloguePg({ connectionString: url, max: 2, Client: CatalogueClient });
  const { path, content } = readSchema();
  const factory = bindMigrationAwareSqlAdapterFactory(adapters);
  const engine = await SchemaEngine.new({ datamodels: [[path, content]] }, () => {}, factory);
  try {
    return await work(engine);
  } finally {
    engine.free();
    await adapters.closeAll();
  }
}

/** The engine reports a panic by this global before it traps. */
const registry = globalThis as typeof globalThis & {
  PRISMA_WASM_PANIC_REGISTRY?: { set_message(message: string): void };
};

async function instantiate(): Promise<void> {
  registry.PRISMA_WASM_PANIC_REGISTRY = {
    set_message(message) {
      throw new Error(message);
    },
  };
  const entry = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  const bytes = readFileSync(join(dirname(entry), "schema_engine_bg.wasm"));
  const imports = { "./schema_engine_bg.js": { ...bindings } as unknown as WebAssembly.ModuleImports };
  const { instance } = await WebAssembly.instantiate(bytes, imports);
  __wbg_set_wasm(instance.exports);
  const { __wbindgen_start: start } = instance.exports;
  if (typeof start === "function") start();
}
