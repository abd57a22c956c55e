-- Topic-based subscriptions. A write leaves a row here only when some subscription watches its type; who of them is told,
-- and under which number, is decided afterwards by one worker a tenant, so that writers never wait for each other.

-- One row a subscription and type: two subscriptions that come and go at the same moment do not touch each other's rows.
create table fhir_watched_type (
  tenant_id text not null collate "C",
  type text not null collate "C",
  subscription text not null collate "C",
  primary key (tenant_id, type, subscription)
);
select guard('fhir_watched_type', 'select, insert, delete');

-- Changes of watched types, written with the resource, deleted when they have been told on.
create table fhir_watched_change (
  tenant_id text not null collate "C",
  seq bigint generated always as identity,
  type text not null collate "C",
  id text not null collate "C",
  version int not null,
  interaction text not null,
  primary key (tenant_id, seq)
) with (autovacuum_vacuum_scale_factor = 0.02);
select guard('fhir_watched_change', 'select, insert, delete');

-- Topics of the tenant's own, kept true by the writes of their Basic resources.
create table fhir_topic (
  tenant_id text not null collate "C",
  id text not null collate "C",
  url text not null collate "C",
  definition jsonb not null,
  primary key (tenant_id, id),
  unique (tenant_id, url)
);
select guard('fhir_topic');

-- What a Subscription asks, read once, and how far it has come. `maker`: whose eyes its notifications are read with.
create table fhir_subscription (
  tenant_id text not null collate "C",
  id text not null collate "C",
  status text not null check (status in ('requested', 'active', 'error', 'off')),
  topic text not null collate "C",
  plan jsonb not null,
  maker jsonb not null,
  -- The handshake was answered.
  shaken boolean not null default false,
  last_number bigint not null default 0,
  sent_number bigint not null default 0,
  failures int not null default 0,
  last_error text,
  last_error_at timestamptz,
  sent_at timestamptz,
  primary key (tenant_id, id)
);
create index fhir_subscription_topic on fhir_subscription (tenant_id, topic);
select guard('fhir_subscription');

-- The event log, numbered without a gap. References only: content is read, with the maker's eyes, when it is sent.
create table fhir_subscription_event (
  tenant_id text not null collate "C",
  subscription text not null collate "C",
  number bigint not null,
  type text not null collate "C",
  id text not null collate "C",
  version int not null,
  interaction text not null,
  at timestamptz not null,
  primary key (tenant_id, subscription, number)
);
create index fhir_subscription_event_at on fhir_subscription_event (tenant_id, at);
select guard('fhir_subscription_event', 'select, insert, delete');

-- Tokens by which a websocket is bound to a subscription; hashes only.
create table fhir_socket_token (
  tenant_id text not null collate "C",
  hash text not null collate "C",
  subscription text not null collate "C",
  expires_at timestamptz not null,
  primary key (tenant_id, hash)
);
select guard('fhir_socket_token', 'select, insert, delete');
