import { readSchema } from "@/lib/control/migration-files";
import { openSchemaEngine } from "@/lib/control/schema-engine";

/**
 * The SQL that would bring an up-to-date control DB to prisma/schema.prisma; "" when the migrations agree with
 * it. `url` is a database on which `migrate` has just run; it is only read.
 */
export async function migrationDiff(url: string): Promise<string> {
  const engine = await openSchemaEngine(url);
  try {
    const { stdout } = await engine.diff({
      from: { tag: "schemaDatasource", files: [readSchema()], configDir: "" },
      to: { tag: "schemaDatamodel", files: [readSchema()] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    const sql = stdout ?? "";
    return /^\s*(--[^\n]*\s*)*$/.test(sql) ? "" : sql;
  } finally {
    engine.free();
  }
}
