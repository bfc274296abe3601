import type { StoreTableDto } from "@/lib/schemas/store";

/** Where a table becomes a dataset. */
export const manageHref = (storeId: string, table: Pick<StoreTableDto, "schema" | "name">): string =>
  `/datasets/new?${new URLSearchParams({ store: storeId, schema: table.schema, table: table.name })}`;
