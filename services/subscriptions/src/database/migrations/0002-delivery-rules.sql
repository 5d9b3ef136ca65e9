-- How fast, how many at once and in which order a subscription is delivered to.
ALTER TABLE subscriptions ADD COLUMN delivery_rules jsonb NOT NULL DEFAULT '{}';
