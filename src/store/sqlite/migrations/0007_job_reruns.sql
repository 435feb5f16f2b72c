-- The job whose stages this one starts from.
ALTER TABLE jobs ADD COLUMN rerun_of TEXT;
