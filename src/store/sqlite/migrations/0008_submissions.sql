-- The number of heartbeats of a job's workers.
ALTER TABLE jobs RENAME COLUMN beat TO heartbeats;

-- One row for each job of a submission; `place` is the job's place in it.
CREATE TABLE idempotency_keys (
  owner TEXT NOT NULL,
  key TEXT NOT NULL,
  place INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (owner, key, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_job ON idempotency_keys (job_id);
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);

-- The further jobs of a batch had keys of their own: the key, a line feed, the place.
INSERT INTO idempotency_keys (owner, key, place, fingerprint, job_id, expires_at)
  SELECT owner,
    CASE instr(key, char(10)) WHEN 0 THEN key ELSE substr(key, 1, instr(key, char(10)) - 1) END,
    CASE instr(key, char(10)) WHEN 0 THEN 0
      ELSE CAST(substr(key, instr(key, char(10)) + 1) AS INTEGER) END,
    fingerprint, job_id, expires_at
  FROM idempotency;
DROP TABLE idempotency;

-- A job and the use of its upload were written in two transactions. This completes the second.
UPDATE uploads SET blob = '', metadata = (
    SELECT json_object('job_id', jobs.id, 'fingerprint', coalesce(max(keys.fingerprint), ''))
    FROM jobs LEFT JOIN idempotency_keys AS keys ON keys.job_id = jobs.id
    WHERE jobs.source_blob = uploads.blob AND jobs.source_blob <> '')
  WHERE blob <> ''
    AND EXISTS (SELECT 1 FROM jobs WHERE source_blob = uploads.blob AND source_blob <> '');
DROP INDEX jobs_by_blob;
