-- Workers of services that share the database. A worker is dead when its last heartbeat is older
-- than ttl_ms. token: the registration that may write the row. burial: reserves a dead worker's row
-- until burial_until. Times in ms since 1970.
CREATE TABLE workers (
  name TEXT PRIMARY KEY,
  token TEXT NOT NULL,
  description TEXT NOT NULL,
  report TEXT NOT NULL DEFAULT '',
  heartbeats INTEGER NOT NULL DEFAULT 1,
  heartbeat_at INTEGER NOT NULL,
  ttl_ms INTEGER NOT NULL,
  burial TEXT,
  burial_until INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
