CREATE TABLE uploads (
  id TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  blob TEXT NOT NULL,
  metadata TEXT NOT NULL,
  length INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX uploads_by_expiry ON uploads (expires_at);
