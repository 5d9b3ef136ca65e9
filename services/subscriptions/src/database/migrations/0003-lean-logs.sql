-- The payload of an event is read from EVENTS, which keeps it as long as the row here.
ALTER TABLE events DROP COLUMN payload;

-- An attempt as its outcome on ATTEMPTS describes it, in JSON: it is only ever read as a whole, with its delivery.
ALTER TABLE attempts ADD COLUMN attempt text;
UPDATE attempts SET attempt = jsonb_build_object(
  'id', id, 'number', number, 'trigger', trigger, 'url', url,
  'startedAt', (extract(epoch FROM started_at) * 1000)::bigint, 'durationMs', duration_ms,
  'requestHeaders', request_headers,
  'response', CASE WHEN status IS NOT NULL THEN jsonb_build_object(
    'status', status, 'headers', response_headers, 'body', response_body, 'bodyTruncated', body_truncated) END,
  'error', error)::text;
ALTER TABLE attempts
  ALTER COLUMN attempt SET NOT NULL,
  DROP COLUMN number, DROP COLUMN trigger, DROP COLUMN url, DROP COLUMN started_at, DROP COLUMN duration_ms,
  DROP COLUMN request_headers, DROP COLUMN status, DROP COLUMN response_headers, DROP COLUMN response_body,
  DROP COLUMN body_truncated, DROP COLUMN error;

-- Time first: new rows then go to the end of the index, and not, by the hash that an id is, anywhere in it.
ALTER TABLE attempts DROP CONSTRAINT attempts_pkey;
ALTER TABLE attempts ADD PRIMARY KEY (accepted_at, delivery_id, id);
