-- Those that are no job's, of one owner: they are counted when another begins.
CREATE INDEX uploads_open ON uploads (owner, expires_at) WHERE blob <> '';
