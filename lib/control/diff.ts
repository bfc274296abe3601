import { readSchema } from "@/lib/control/migration-files";
import { withSchemaEngine } from "@/lib/control/schema-engine";

/**
 * The SQL that would bring an up-to-date control DB to prisma/schema.prisma; "" when the migrations agree with
 * it. `url` is a database on which `migrate` has just run; it is only read.
 */
export function migrationDiff(url: string): Promise<string> {
  return withSchemaEngine(url, async (engine) => {
    const { stdout } = await engine.diff({
      from: { tag: "schemaDatasource", files: [readSchema()], configDir: "" },
      to: { tag: "schemaDatamodel", files: [readSchema()] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    const sql = stdout ?? "";
    return /^\s*(--[^\n]*\s*)*$/.test(sql) ? "" : sql;
  });
}
