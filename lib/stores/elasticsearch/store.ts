import { checkStore } from "@/lib/stores/elasticsearch/check";
import { EsHandle } from "@/lib/stores/elasticsearch/client";
import {
  ELASTICSEARCH_FIELDS,
  type ElasticsearchConfig,
  elasticsearchConfigSchema,
  parseElasticsearchUrl,
} from "@/lib/stores/elasticsearch/config";
import { deleteRows } from "@/lib/stores/elasticsearch/delete";
import { describeTable } from "@/lib/stores/elasticsearch/describe";
import { explainRequests } from "@/lib/stores/elasticsearch/explain";
import { readFigures } from "@/lib/stores/elasticsearch/figures";
import { countRows, monthsOf } from "@/lib/stores/elasticsearch/months";
import { adviseOptimize, ES_ACTIONS, runOptimize } from "@/lib/stores/elasticsearch/optimize";
import { findRows, readRows } from "@/lib/stores/elasticsearch/read";
import { scopeRisks } from "@/lib/stores/elasticsearch/risks";
import { searchRows } from "@/lib/stores/elasticsearch/search";
import { tableStats } from "@/lib/stores/elasticsearch/stats";
import { listTables } from "@/lib/stores/elasticsearch/tables";
import { nextWindow } from "@/lib/stores/elasticsearch/window";
import en from "@/lib/stores/elasticsearch/words/en.json";
import zh from "@/lib/stores/elasticsearch/words/zh.json";
import { writeRows } from "@/lib/stores/elasticsearch/write";
import type { RowAccess } from "@/lib/stores/rows";
import type { OpenOptions, Store, StoreDriver } from "@/lib/stores/store";

/** Elasticsearch 7.17 to 9 and OpenSearch 2 and 3, over HTTP. */
export const elasticsearchDriver: StoreDriver<ElasticsearchConfig> = {
  kind: "elasticsearch",
  label: "Elasticsearch / OpenSearch",
  family: "search",
  words: { en, zh },
  config: elasticsearchConfigSchema,
  fields: ELASTICSEARCH_FIELDS,
  secrets: ["password", "apiKey"],
  abilities: ["rows", "deleteRows", "optimize"],
  traits: { timePrecisionUs: 1_000, digestsInStore: false, families: false, textMatch: "words" },
  optimizeActions: ES_ACTIONS,
  parseUrl: parseElasticsearchUrl,
  open: openElasticsearch,
};

function openElasticsearch(config: ElasticsearchConfig, options: OpenOptions): Store {
  const handle = new EsHandle(config, options);
  return {
    check: (signal) => checkStore(handle, signal),
    tables: (signal) => listTables(handle, signal),
    stats: (table, time, signal) => tableStats(handle, table, time, signal),
    close: () => handle.close(),
    figures: (signal) => readFigures(handle, signal),
    optimize: {
      offers: (table, signal) => adviseOptimize(handle, table, signal),
      run: (table, action, signal) => runOptimize(handle, table, action, signal),
    },
    rows: rowAccess(handle),
  };
}

const rowAccess = (handle: EsHandle): RowAccess => ({
  describe: (table, signal) => describeTable(handle, table, signal),
  months: (scope, budgetMs, signal) => monthsOf(handle, scope, budgetMs, signal),
  count: (scope, signal) => countRows(handle, scope, signal),
  window: (scope, after, maxRows, signal) => nextWindow(handle, scope, after, maxRows, signal),
  read: (scope, options, signal) => readRows(handle, scope, options, signal),
  find: (member, keys, signal) => findRows(handle, member, keys, signal),
  write: (member, batch, signal) => writeRows(handle, member, batch, signal),
  search: (query, signal) => searchRows(handle, query, signal),
  deleteRows: (scope, parts, signal, stillOurs) => deleteRows(handle, scope, parts, signal, stillOurs),
  risks: (scope, what, signal) => scopeRisks(handle, scope, what, signal),
  explain: explainRequests,
});
