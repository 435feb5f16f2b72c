-- Whose audio a blob is.
CREATE INDEX jobs_by_blob ON jobs (source_blob) WHERE source_blob <> '';
