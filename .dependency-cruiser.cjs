/**
 * The import direction of ARCHITECTURE.md. Each layer names what it may see; everything else is an error.
 * Tests, end-to-end stories and benchmarks stand outside and may reach anywhere.
 */
const TEST = "\\.test\\.tsx?$|/testing[^/]*\\.ts$|/[^/]*fixture[^/]*\\.ts$|conformance[^/]*\\.ts$";

const layer = (name, from, allowed, comment) => ({
  name,
  severity: "error",
  comment,
  from: { path: from, pathNot: TEST },
  to: { path: "^(app|components|lib)/", pathNot: [from, ...allowed] },
});

const BASE = ["^lib/errors\\.ts$", "^lib/env\\.ts$", "^lib/log\\.ts$", "^lib/schemas/", "^lib/format/"];
const CORE = [
  "^lib/control/",
  "^lib/stores/",
  "^lib/segments/",
  "^lib/datasets/",
  "^lib/search/",
  "^lib/metrics/",
  "^lib/spool/",
  "^lib/jobs/queue\\.ts$",
];
const CONTRACT =
  "^lib/stores/(store|rows|table|batch|digest|registry|open|text-form|float-text|row-digest)\\.ts$";

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      comment: "types may point both ways; code may not",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-orphans",
      severity: "error",
      from: {
        orphan: true,
        pathNot: [TEST, "^app/", "^lib/(cli|jobs|demo|supervisor|control)/", "\\.d\\.ts$"],
      },
      to: {},
    },
    layer(
      "components-see-client-safe",
      "^components/",
      [
        "^lib/schemas/",
        "^lib/queries/",
        "^lib/format/",
        "^lib/actions/",
        "^lib/i18n/",
        "^lib/errors\\.ts$",
        "^lib/auth/client\\.ts$",
      ],
      "components get data by props and queries",
    ),
    layer(
      "queries",
      "^lib/queries/",
      ["^lib/schemas/", "^lib/errors\\.ts$"],
      "query options fetch routes, nothing else",
    ),
    layer(
      "actions",
      "^lib/actions/",
      [...BASE, "^lib/services/", "^lib/auth/"],
      "an action is one line over a service",
    ),
    layer(
      "services",
      "^lib/services/",
      [...BASE, ...CORE, "^lib/operations/", "^lib/auth/"],
      "services never see pages",
    ),
    layer("operations", "^lib/operations/", [...BASE, ...CORE], "operations never see services"),
    layer("stores", "^lib/stores/", [...BASE, "^lib/control/"], "a driver knows its server and the contract"),
    layer(
      "segments",
      "^lib/segments/",
      [...BASE, "^lib/control/", CONTRACT],
      "segments know the contract, not a driver",
    ),
    layer(
      "search",
      "^lib/search/",
      [...BASE, "^lib/control/", "^lib/segments/", "^lib/datasets/", CONTRACT],
      "search asks stores through the contract",
    ),
    layer("datasets", "^lib/datasets/", [...BASE, "^lib/control/", CONTRACT], "datasets know the contract"),
    layer(
      "metrics",
      "^lib/metrics/",
      [...BASE, "^lib/control/", "^lib/datasets/", "^lib/spool/", CONTRACT],
      "sampling asks stores through the contract",
    ),
    layer(
      "spool",
      "^lib/spool/",
      [...BASE, "^lib/control/"],
      "a spool knows files, and what it is told of a receiver",
    ),
    layer("control", "^lib/control/", BASE, "the control DB stands at the bottom"),
    layer(
      "pure",
      "^lib/(schemas|format)/",
      ["^lib/stores/(store|rows|table|batch)\\.ts$", "^lib/schemas/", "^lib/errors\\.ts$"],
      "schemas and formats import types alone",
    ),
    {
      name: "recharts-in-charts",
      severity: "error",
      from: { pathNot: "^components/charts/" },
      to: { path: "node_modules/recharts" },
    },
    {
      name: "one-store-never-another",
      severity: "error",
      from: { path: "^lib/stores/([^/]+)/", pathNot: TEST },
      to: { path: "^lib/stores/([^/]+)/", pathNot: "^lib/stores/$1/" },
    },
    {
      name: "vendor-clients-in-drivers",
      severity: "error",
      comment: "pg also serves the control DB and the demo",
      from: {
        path: "^(app|components|lib)/",
        pathNot: ["^lib/stores/(postgres|logstore)/", "^lib/control/", "^lib/(demo|supervisor|auth)/", TEST],
      },
      to: { path: "node_modules/(pg|pg-copy-streams)/", dependencyTypesNot: ["type-only"] },
    },
    ...[
      ["mysql", "mysql2"],
      ["mongodb", "(mongodb|bson)"],
      ["redis", "ioredis"],
      ["elasticsearch", "undici"],
      ["s3", "(@aws-sdk|@smithy|https-proxy-agent)"],
    ].map(([kind, client]) => ({
      name: `${kind}-client-in-its-driver`,
      severity: "error",
      from: { path: "^(app|components|lib)/", pathNot: [`^lib/stores/${kind}/`, TEST] },
      to: { path: `node_modules/${client}/`, dependencyTypesNot: ["type-only"] },
    })),
    {
      name: "duckdb-in-one-place",
      severity: "error",
      from: { path: "^(app|components|lib)/", pathNot: ["^lib/(segments|search)/", TEST] },
      to: { path: "node_modules/@duckdb/" },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "lib/control/prisma/client" },
  },
};
