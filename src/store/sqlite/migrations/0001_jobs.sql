-- Times are milliseconds since 1970, UTC. What the columns of a job mean says src/domain/job.h.

CREATE TABLE jobs (
  id TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  key_id TEXT NOT NULL,
  batch_id TEXT,
  type TEXT NOT NULL,
  recording_id TEXT,
  created_at INTEGER NOT NULL,

  state TEXT NOT NULL CHECK (state IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
  priority INTEGER NOT NULL,
  available_at INTEGER NOT NULL,
  queue_until INTEGER,
  finished_at INTEGER,
  source_blob TEXT NOT NULL,
  source_bytes INTEGER NOT NULL,
  result TEXT NOT NULL,
  dead_letter INTEGER NOT NULL,

  stage TEXT NOT NULL,
  progress REAL NOT NULL,
  attempt INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  version INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  beat INTEGER NOT NULL,
  worker TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  started_at INTEGER,
  time_limit INTEGER NOT NULL,
  source_url TEXT NOT NULL,
  source_name TEXT NOT NULL,
  model TEXT NOT NULL,
  options TEXT NOT NULL,
  metadata TEXT NOT NULL,
  audio_seconds REAL NOT NULL,
  compute_seconds REAL NOT NULL,
  warnings TEXT NOT NULL,
  failure_code TEXT,
  failure_message TEXT
) STRICT;

-- Lists. The columns behind (created_at, id) let a filter pass over an entry without its row.
CREATE INDEX jobs_by_time ON jobs (created_at, id, type);
CREATE INDEX jobs_by_state ON jobs (state, created_at, id, type);
CREATE INDEX jobs_by_owner ON jobs (owner, created_at, id, type);
CREATE INDEX jobs_by_owner_state ON jobs (owner, state, created_at, id, type);
CREATE INDEX jobs_by_recording ON jobs (recording_id, created_at, id)
  WHERE recording_id IS NOT NULL;
CREATE INDEX jobs_by_batch ON jobs (batch_id, created_at, id) WHERE batch_id IS NOT NULL;
CREATE INDEX jobs_dead ON jobs (created_at, id, owner, type) WHERE dead_letter = 1;

-- The queue. They hold the waiting jobs alone, however many have ended.
CREATE INDEX jobs_waiting ON jobs (priority, owner, available_at, id, source_bytes)
  WHERE state = 'pending';
CREATE INDEX jobs_waiting_later ON jobs (available_at) WHERE state = 'pending';
CREATE INDEX jobs_waiting_since ON jobs (priority, created_at) WHERE state = 'pending';
CREATE INDEX jobs_waiting_until ON jobs (queue_until)
  WHERE state = 'pending' AND queue_until IS NOT NULL;

-- What retention looks for.
CREATE INDEX jobs_with_audio ON jobs (finished_at)
  WHERE finished_at IS NOT NULL AND source_blob <> '';
CREATE INDEX jobs_ended ON jobs (finished_at)
  WHERE finished_at IS NOT NULL AND dead_letter = 0;

-- How many jobs wait of each priority and owner; none without a waiting job.
CREATE TABLE lanes (
  priority INTEGER NOT NULL,
  owner TEXT NOT NULL,
  waiting INTEGER NOT NULL,
  PRIMARY KEY (priority, owner)
) STRICT, WITHOUT ROWID;

-- When an owner's last job was claimed, counted in claims.
CREATE TABLE turns (
  owner TEXT NOT NULL PRIMARY KEY,
  served INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX turns_by_served ON turns (served);

CREATE TRIGGER job_comes AFTER INSERT ON jobs WHEN new.state = 'pending'
BEGIN
  INSERT INTO lanes VALUES (new.priority, new.owner, 1)
    ON CONFLICT DO UPDATE SET waiting = waiting + 1;
END;

CREATE TRIGGER job_goes AFTER DELETE ON jobs WHEN old.state = 'pending'
BEGIN
  UPDATE lanes SET waiting = waiting - 1 WHERE priority = old.priority AND owner = old.owner;
  DELETE FROM lanes WHERE priority = old.priority AND owner = old.owner AND waiting = 0;
END;

CREATE TRIGGER job_leaves_lane AFTER UPDATE OF state, priority ON jobs
WHEN old.state = 'pending' AND (new.state <> 'pending' OR new.priority <> old.priority)
BEGIN
  UPDATE lanes SET waiting = waiting - 1 WHERE priority = old.priority AND owner = old.owner;
  DELETE FROM lanes WHERE priority = old.priority AND owner = old.owner AND waiting = 0;
END;

CREATE TRIGGER job_enters_lane AFTER UPDATE OF state, priority ON jobs
WHEN new.state = 'pending' AND (old.state <> 'pending' OR new.priority <> old.priority)
BEGIN
  INSERT INTO lanes VALUES (new.priority, new.owner, 1)
    ON CONFLICT DO UPDATE SET waiting = waiting + 1;
END;

CREATE TRIGGER job_is_claimed AFTER UPDATE OF state ON jobs
WHEN old.state = 'pending' AND new.state = 'processing'
BEGIN
  INSERT INTO turns VALUES (new.owner, (SELECT coalesce(max(served), 0) + 1 FROM turns))
    ON CONFLICT DO UPDATE SET served = excluded.served;
END;

-- AUTOINCREMENT: the position of an event that was removed is never given again.
CREATE TABLE events (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_job ON events (job_id, number);

CREATE TABLE idempotency (
  owner TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_job ON idempotency (job_id);
CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);
