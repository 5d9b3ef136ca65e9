-- A message of EVENTS is projected once, so no key has to recognise it. By id first: those that we draw go to the end of the index.
ALTER TABLE events DROP CONSTRAINT events_pkey;
CREATE INDEX ON events (id, tenant);

-- Deliveries of a subscription that came within one millisecond are sorted when they are read, which costs less than their ids here.
DROP INDEX deliveries_subscription_id_accepted_at_id_event_type_idx;
CREATE INDEX ON deliveries (subscription_id, accepted_at, event_type);
