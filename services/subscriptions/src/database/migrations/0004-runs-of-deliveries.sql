-- The number of the attempt with which the latest replay began: lower ones say nothing about the delivery's state any more.
ALTER TABLE deliveries ADD COLUMN run_from integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN deliveries.updated_at IS 'The latest time of an outcome, by whichever clock. It decides nothing.';
