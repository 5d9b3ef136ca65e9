-- Everything here is a read model: filled from the streams, and refilled by the rebuild command.

-- How far each stream has been projected. Who writes a batch locks its stream's row first.
CREATE TABLE projection_positions (
  stream text PRIMARY KEY,
  position bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO projection_positions (stream) VALUES ('EVENTS'), ('ATTEMPTS'), ('CONFIG'), ('REJECTED');

-- Partitioned tables have one partition per day (UTC), made when the first row of a day comes and dropped as a whole.

CREATE TABLE events (
  tenant text NOT NULL,
  id text NOT NULL,
  type text NOT NULL,
  sequence bigint NOT NULL,
  payload bytea NOT NULL,
  accepted_at timestamptz NOT NULL,
  traceparent text,
  PRIMARY KEY (tenant, id, accepted_at)
) PARTITION BY RANGE (accepted_at);

CREATE TABLE deliveries (
  id text NOT NULL,
  tenant text NOT NULL,
  subscription_id text NOT NULL,
  event_id text NOT NULL,
  event_type text NOT NULL,
  event_sequence bigint NOT NULL,
  accepted_at timestamptz NOT NULL,
  status text NOT NULL,
  reason text,
  next_attempt_at timestamptz,
  -- When the latest outcome was decided: status, reason and next_attempt_at are that one's.
  updated_at timestamptz NOT NULL,
  -- The highest number of an attempt.
  attempts integer NOT NULL,
  -- When the latest outcome that came of an attempt was decided: last_status and last_error are that one's.
  attempted_at timestamptz,
  last_status integer,
  last_error jsonb,
  PRIMARY KEY (id, accepted_at)
) PARTITION BY RANGE (accepted_at);

CREATE INDEX ON deliveries (subscription_id, accepted_at DESC, id DESC, event_type);
-- Nearly all deliveries are delivered at once and never enter this index; those one looks for by status do.
CREATE INDEX ON deliveries (subscription_id, status, accepted_at DESC, id DESC) WHERE status <> 'delivered';

-- One row per HTTP request. accepted_at is the event's, as in deliveries.
CREATE TABLE attempts (
  delivery_id text NOT NULL,
  id text NOT NULL,
  accepted_at timestamptz NOT NULL,
  number integer NOT NULL,
  trigger text NOT NULL,
  outcome text NOT NULL,
  url text NOT NULL,
  started_at timestamptz NOT NULL,
  duration_ms double precision NOT NULL,
  request_headers jsonb NOT NULL,
  status integer,
  response_headers jsonb,
  response_body text,
  body_truncated boolean,
  error jsonb,
  PRIMARY KEY (delivery_id, id, accepted_at)
) PARTITION BY RANGE (accepted_at);

CREATE TABLE rejected_events (
  sequence bigint NOT NULL,
  tenant text NOT NULL,
  type text NOT NULL,
  id text,
  code text NOT NULL,
  reason text NOT NULL,
  -- Its beginning, as text.
  payload text NOT NULL,
  size bigint NOT NULL,
  rejected_at timestamptz NOT NULL,
  PRIMARY KEY (rejected_at, sequence)
) PARTITION BY RANGE (rejected_at);

CREATE INDEX ON rejected_events (tenant, rejected_at DESC, sequence DESC);

-- The current state, without secrets. Deleted ones stay, for the deliveries that name them.
CREATE TABLE subscriptions (
  id text PRIMARY KEY,
  tenant text NOT NULL,
  url text NOT NULL,
  events jsonb NOT NULL,
  description text,
  active boolean NOT NULL,
  retry_schedule_ms jsonb,
  timeout_ms integer,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz
);
CREATE INDEX ON subscriptions (tenant, id);

-- Who changed what and when. Holds neither secrets nor hashes of keys.
CREATE TABLE config_changes (
  sequence bigint PRIMARY KEY,
  tenant text NOT NULL,
  type text NOT NULL,
  kind text NOT NULL,
  subject_id text NOT NULL,
  changed_by text NOT NULL,
  changed_at timestamptz NOT NULL,
  details jsonb NOT NULL
);
CREATE INDEX ON config_changes (tenant, sequence DESC);
CREATE INDEX ON config_changes (subject_id, sequence DESC);
