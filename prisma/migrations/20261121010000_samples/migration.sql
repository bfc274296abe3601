-- Samples: figures measured over time. Partitions are made ahead and dropped whole (lib/metrics/partitions.ts);
-- nothing is ever deleted row by row. `subject_id` is a store's or a dataset's id.
CREATE SCHEMA IF NOT EXISTS samples;

CREATE TABLE IF NOT EXISTS samples.raw (
  subject_id text NOT NULL,
  metric     text NOT NULL,
  at         timestamptz NOT NULL,
  value      double precision NOT NULL,
  generated  boolean NOT NULL DEFAULT false,
  PRIMARY KEY (subject_id, metric, at)
) PARTITION BY RANGE (at);

CREATE TABLE IF NOT EXISTS samples.hour (
  subject_id text NOT NULL,
  metric     text NOT NULL,
  at         timestamptz NOT NULL,
  min        double precision NOT NULL,
  max        double precision NOT NULL,
  avg        double precision NOT NULL,
  p50        double precision NOT NULL,
  p95        double precision NOT NULL,
  p99        double precision NOT NULL,
  last       double precision NOT NULL,
  count      integer NOT NULL,
  generated  boolean NOT NULL DEFAULT false,
  PRIMARY KEY (subject_id, metric, at)
) PARTITION BY RANGE (at);
