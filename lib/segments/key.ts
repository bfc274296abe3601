/** Hive-style names: what DuckDB, Spark, Trino and ClickHouse read as partition columns. */

const SEGMENT_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Characters with a meaning in a path are percent-encoded; Hive readers decode them. */
const part = (name: string, value: string): string =>
  `${name}=${encodeURIComponent(value).replaceAll(".", "%2E")}`;

export const datasetPrefix = (store: string, dataset: string): string =>
  `${part("store", store)}/${part("dataset", dataset)}/`;

export interface SegmentKeys {
  parquet: string;
  grams: string;
  manifest: string;
}

/** The three object keys of a segment. Throws for an id that is not a plain file name. */
export function segmentKeys(store: string, dataset: string, month: string, segmentId: string): SegmentKeys {
  if (!SEGMENT_ID.test(segmentId)) throw new RangeError(`"${segmentId}" cannot name a segment`);
  const base = `${datasetPrefix(store, dataset)}month=${month}/${segmentId}`;
  return keysOfBase(base);
}

/** From the key of the Parquet file in a manifest. */
export const keysOfParquet = (parquetKey: string): SegmentKeys =>
  keysOfBase(parquetKey.replace(/\.parquet$/, ""));

const keysOfBase = (base: string): SegmentKeys => ({
  parquet: `${base}.parquet`,
  grams: `${base}.grams`,
  manifest: `${base}.manifest.json`,
});

export const goneKey = (parquetKey: string, sequence: number): string =>
  parquetKey.replace(/\.parquet$/, `.gone-${String(sequence).padStart(4, "0")}.json`);
