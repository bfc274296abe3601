import type { TestDatabase } from "@/lib/stores/postgres/testing";

/**
 * Doubles of TimescaleDB's and Citus' catalogues, for tests where neither is: a plain PostgreSQL that says it has the
 * extension, with views and functions of the names and columns that the real ones were seen to have. They prove that
 * every statement of the driver is one PostgreSQL takes and that it does with the answers what it should; not that
 * TimescaleDB and Citus answer so. A hypertable here is a table with children by inheritance, as it is there.
 */

const pretend = (name: string, version: string): string => `
  SET LOCAL allow_system_table_mods = on;
  INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
  VALUES ((SELECT max(oid::bigint) + 1 FROM pg_extension)::oid, '${name}', 10, 'public'::regnamespace, false, '${version}');`;

/** The extension, without any hypertable; `license` as `show timescaledb.license` gives it. */
export async function pretendTimescale(database: TestDatabase, license = "timescale"): Promise<void> {
  await database.sql(`
    ${pretend("timescaledb", "2.28.0")}
    DO $do$ BEGIN EXECUTE format('ALTER DATABASE %I SET timescaledb.license = ''${license}''', current_database()); END $do$;
    CREATE SCHEMA _timescaledb_internal; CREATE SCHEMA timescaledb_information;
    CREATE TABLE _timescaledb_internal.made (hypertable_schema name, hypertable_name name, compression_enabled bool, column_name name, column_type regtype);
    CREATE TABLE _timescaledb_internal.cut (hypertable_schema name, hypertable_name name, chunk_schema name, chunk_name name, range_start timestamptz, range_end timestamptz, is_compressed bool);
    CREATE TABLE _timescaledb_internal.job (job_id int, application_name text, schedule_interval interval, proc_name name, hypertable_schema name, hypertable_name name, config jsonb);
    CREATE VIEW timescaledb_information.hypertables AS SELECT hypertable_schema, hypertable_name, 1::smallint AS num_dimensions,
      (SELECT count(*) FROM _timescaledb_internal.cut c WHERE (c.hypertable_schema, c.hypertable_name) = (m.hypertable_schema, m.hypertable_name)) AS num_chunks,
      compression_enabled FROM _timescaledb_internal.made m;
    CREATE VIEW timescaledb_information.chunks AS SELECT * FROM _timescaledb_internal.cut;
    CREATE VIEW timescaledb_information.dimensions AS SELECT hypertable_schema, hypertable_name, 1::bigint AS dimension_number, column_name, column_type, interval '1 day' AS time_interval FROM _timescaledb_internal.made;
    CREATE VIEW timescaledb_information.jobs AS SELECT * FROM _timescaledb_internal.job;
    CREATE VIEW timescaledb_information.job_stats AS SELECT job_id, 'Success'::text AS last_run_status, 'Scheduled'::text AS job_status, 3::bigint AS total_runs FROM _timescaledb_internal.job;
    CREATE VIEW timescaledb_information.continuous_aggregates AS SELECT hypertable_schema, hypertable_name, 'public'::name AS view_schema, 'by_day'::name AS view_name,
      hypertable_schema AS materialization_hypertable_schema, hypertable_name AS materialization_hypertable_name FROM _timescaledb_internal.made;
    CREATE FUNCTION hypertable_detailed_size(t regclass) RETURNS TABLE (table_bytes bigint, index_bytes bigint, toast_bytes bigint, total_bytes bigint, node_name name) LANGUAGE sql AS
      $$ SELECT sum(pg_relation_size(inhrelid))::bigint, sum(pg_indexes_size(inhrelid))::bigint, 0::bigint, sum(pg_total_relation_size(inhrelid))::bigint, NULL::name FROM pg_inherits WHERE inhparent = t $$;
    CREATE FUNCTION chunks_detailed_size(t regclass) RETURNS TABLE (chunk_schema name, chunk_name name, table_bytes bigint, total_bytes bigint) LANGUAGE sql AS
      $$ SELECT n.nspname, c.relname, pg_relation_size(c.oid), pg_total_relation_size(c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE inhparent = t $$;
    CREATE FUNCTION approximate_row_count(t regclass) RETURNS bigint LANGUAGE sql AS
      $$ SELECT sum(greatest(c.reltuples, 0))::bigint FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE inhparent = t $$;
    CREATE FUNCTION hypertable_compression_stats(t regclass) RETURNS TABLE (total_chunks bigint, number_compressed_chunks bigint, before_compression_total_bytes bigint, after_compression_total_bytes bigint) LANGUAGE sql AS
      $$ SELECT count(*), count(*) FILTER (WHERE is_compressed), 1000::bigint, 100::bigint FROM _timescaledb_internal.cut $$;
    CREATE FUNCTION drop_chunks(t regclass, older_than anyelement, newer_than anyelement) RETURNS SETOF text LANGUAGE plpgsql AS $$
      DECLARE c record; BEGIN
        FOR c IN SELECT * FROM _timescaledb_internal.cut WHERE range_end <= older_than::timestamptz AND range_start >= newer_than::timestamptz LOOP
          EXECUTE format('DROP TABLE %I.%I', c.chunk_schema, c.chunk_name);
          DELETE FROM _timescaledb_internal.cut k WHERE k.chunk_name = c.chunk_name;
          RETURN NEXT format('%I.%I', c.chunk_schema, c.chunk_name);
        END LOOP; END $$;
    CREATE PROCEDURE convert_to_columnstore(chunk regclass, if_not_columnstore bool DEFAULT true) LANGUAGE sql AS
      $$ UPDATE _timescaledb_internal.cut SET is_compressed = true WHERE format('%I.%I', chunk_schema, chunk_name)::regclass = chunk $$`);
}

/** A hypertable `schema.name (id, at, body)` with a chunk a day from 2025-01-01 on, each with so many rows. */
export async function pretendHypertable(
  database: TestDatabase,
  ref: { schema: string; name: string },
  days: number,
  rowsPerDay: number,
): Promise<void> {
  await database.sql(`
    CREATE TABLE ${ref.schema}.${ref.name} (id int NOT NULL, at timestamptz NOT NULL, body text, PRIMARY KEY (id, at));
    INSERT INTO _timescaledb_internal.made VALUES ('${ref.schema}', '${ref.name}', true, 'at', 'timestamptz')`);
  for (let day = 0; day < days; day++) {
    const chunk = `_hyper_1_${day}_chunk`;
    const from = `'2025-01-01Z'::timestamptz + ${day} * interval '1 day'`;
    await database.sql(`
      CREATE TABLE _timescaledb_internal.${chunk} (PRIMARY KEY (id, at)) INHERITS (${ref.schema}.${ref.name});
      INSERT INTO _timescaledb_internal.cut VALUES ('${ref.schema}', '${ref.name}', '_timescaledb_internal', '${chunk}', ${from}, ${from} + interval '1 day', false);
      INSERT INTO _timescaledb_internal.${chunk} SELECT ${day} * 1000 + n, ${from} + n * interval '1 minute', 'row ' || n FROM generate_series(1, ${rowsPerDay}) n;
      ANALYZE _timescaledb_internal.${chunk}`);
  }
}

/** The extension, with two nodes; tables become Citus' by create_distributed_table, and stay where they are. */
export async function pretendCitus(database: TestDatabase): Promise<void> {
  await database.sql(`
    ${pretend("citus", "13.2-1")}
    CREATE TABLE pg_dist_node (nodename text, nodeport int, noderole text, isactive bool, shouldhaveshards bool);
    INSERT INTO pg_dist_node VALUES ('worker-1', 5432, 'primary', true, true), ('worker-2', 5432, 'primary', false, true);
    CREATE TABLE dist (table_name regclass PRIMARY KEY, citus_table_type text, distribution_column text, colocation_id int, access_method name);
    CREATE VIEW citus_tables AS SELECT table_name, citus_table_type, distribution_column, colocation_id, pg_size_pretty(pg_relation_size(table_name)) AS table_size, 32::bigint AS shard_count, access_method FROM dist;
    CREATE VIEW citus_shards AS SELECT table_name, 102008::bigint AS shardid, table_name::text || '_102008' AS shard_name, 'worker-1'::text AS nodename, 5432 AS nodeport, pg_relation_size(table_name) AS shard_size FROM dist;
    CREATE FUNCTION citus_total_relation_size(t regclass) RETURNS bigint LANGUAGE sql AS $$ SELECT pg_total_relation_size(t) $$;
    CREATE FUNCTION citus_table_size(t regclass) RETURNS bigint LANGUAGE sql AS $$ SELECT pg_table_size(t) $$;
    CREATE FUNCTION run_command_on_shards(t regclass, command text) RETURNS TABLE (shardid bigint, success bool, result text) LANGUAGE plpgsql AS $$
      BEGIN EXECUTE replace(command, '%s', t::text) INTO result; shardid := 102008; success := true; RETURN NEXT; END $$;
    CREATE FUNCTION run_command_on_workers(command text) RETURNS TABLE (nodename text, nodeport int, success bool, result text) LANGUAGE sql AS
      $$ SELECT nodename, nodeport, true, 'Asia/Shanghai' FROM pg_dist_node WHERE isactive $$;
    CREATE FUNCTION get_rebalance_table_shards_plan() RETURNS TABLE (table_name regclass, shardid bigint, shard_size bigint, sourcename text, targetname text) LANGUAGE sql AS
      $$ SELECT table_name, 102008::bigint, 4096::bigint, 'worker-1', 'worker-2' FROM dist $$;
    CREATE FUNCTION create_distributed_table(t regclass, distribution_column text, distribution_type text DEFAULT 'hash', colocate_with text DEFAULT 'default', shard_count int DEFAULT 32) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE col text := distribution_column; BEGIN
        INSERT INTO dist VALUES (t, 'distributed', col, coalesce((SELECT d.colocation_id FROM dist d WHERE d.table_name = to_regclass(colocate_with)), (SELECT coalesce(max(d.colocation_id), 0) + 1 FROM dist d)), 'heap'); END $$`);
}
