/** What a server's address is made of. */
export interface Credentials {
  user: string;
  password: string;
}

/** A server that `npm run servers` can install and start, by the recipe of the same name in e2e/servers. */
export interface ServerKind {
  name: string;
  /** What it is, in a few words. */
  label: string;
  /** How its install goes: those of one lane share a lock or the processor, and go one after another. */
  lane: "packages" | "libraries" | "compiler";
  /** How many ports start.sh takes, and the first of those it gets when they are free. */
  portCount: number;
  firstPort: number;
  /** Where tests reach it; several hosts stand in one address, after commas. */
  address(ports: readonly number[], credentials: Credentials): string;
}

const hosts = (ports: readonly number[]) => ports.map((port) => `127.0.0.1:${port}`).join(",");
const login = ({ user, password }: Credentials) =>
  `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;

export const SERVER_KINDS: readonly ServerKind[] = [
  {
    name: "redis",
    label: "Redis 7.0",
    lane: "packages",
    portCount: 1,
    firstPort: 24_010,
    address: (ports, { password }) => `redis://default:${encodeURIComponent(password)}@${hosts(ports)}/0`,
  },
  {
    name: "redis-cluster",
    label: "Redis 7.0, a cluster of three",
    lane: "packages",
    portCount: 3,
    firstPort: 24_020,
    address: (ports, { password }) => `redis://default:${encodeURIComponent(password)}@${hosts(ports)}`,
  },
  {
    name: "mariadb",
    label: "MariaDB 10.11",
    lane: "packages",
    portCount: 1,
    firstPort: 24_030,
    address: (ports, credentials) => `mysql://${login(credentials)}@${hosts(ports)}/strata`,
  },
  {
    name: "postgresql-replica",
    label: "PostgreSQL 15, a primary and its standby",
    lane: "packages",
    portCount: 2,
    firstPort: 24_040,
    address: (ports, credentials) => `postgres://${login(credentials)}@${hosts(ports)}/postgres`,
  },
  {
    name: "mongodb",
    label: "mongo-java-server 1.47 (MongoDB's wire protocol)",
    lane: "libraries",
    portCount: 1,
    firstPort: 24_050,
    address: (ports) => `mongodb://${hosts(ports)}/strata`,
  },
  {
    name: "opensearch-2",
    label: "OpenSearch 2.19",
    lane: "libraries",
    portCount: 1,
    firstPort: 24_060,
    address: (ports) => `http://${hosts(ports)}`,
  },
  {
    name: "opensearch-3",
    label: "OpenSearch 3.5",
    lane: "libraries",
    portCount: 1,
    firstPort: 24_070,
    address: (ports) => `http://${hosts(ports)}`,
  },
  {
    name: "elasticsearch-8",
    label: "Elasticsearch 8.16",
    lane: "libraries",
    portCount: 1,
    firstPort: 24_080,
    address: (ports) => `http://${hosts(ports)}`,
  },
  {
    name: "minio",
    label: "MinIO",
    lane: "compiler",
    portCount: 1,
    firstPort: 24_090,
    address: (ports, credentials) => `http://${login(credentials)}@${hosts(ports)}?region=us-east-1`,
  },
  {
    name: "versitygw",
    label: "versitygw 1.8",
    lane: "compiler",
    portCount: 1,
    firstPort: 24_100,
    address: (ports, credentials) => `http://${login(credentials)}@${hosts(ports)}?region=us-east-1`,
  },
];

/** Servers that no package registry carries: tests reach them only at an address of one's own. What runs as
 * "mongodb" is a double of its protocol; the same variable takes a real one. */
export const BY_ADDRESS_ONLY: Readonly<Record<string, string>> = {
  mysql: "MySQL 8",
  mongodb: "a real mongod, instead of the one that only speaks its protocol",
  timescaledb: "TimescaleDB 2.18 or newer",
  citus: "Citus 13 or newer",
  logstore: "an Aliyun LogStore project, by its PostgreSQL protocol",
};

/** The variable that points the tests of a server at one of one's own: STRATA_TEST_OPENSEARCH_2_URL. */
export const addressVariable = (name: string): string =>
  `STRATA_TEST_${name.toUpperCase().replaceAll("-", "_")}_URL`;
