-- The record: FHIR R4 resources, all their versions, the rows that searches go by, and the changes that journeys take.
-- Content is text, so that a read sends it as it lies. Under row-level security only leakproof operators reach an
-- index: plain comparisons of text (collate "C"), bigint and timestamptz; never LIKE, never GIN.

-- The current version. A deleted resource keeps its row with no content: that is how 410 differs from 404.
create table fhir_resource (
  tenant_id text not null collate "C",
  type text not null collate "C",
  id text not null collate "C",
  version int not null,
  updated timestamptz not null,
  content text,
  primary key (tenant_id, type, id)
) with (fillfactor = 90);
create index fhir_resource_updated on fhir_resource (tenant_id, type, updated, id);
select guard('fhir_resource', 'select, insert, update');

create table fhir_history (
  tenant_id text not null collate "C",
  type text not null collate "C",
  id text not null collate "C",
  version int not null,
  interaction text not null check (interaction in ('create', 'update', 'delete')),
  updated timestamptz not null,
  content text,
  primary key (tenant_id, type, id, version)
);
create index fhir_history_updated on fhir_history (tenant_id, updated, type, id, version);
select guard('fhir_history', 'select, insert');

-- Search rows. An update writes only the difference between the former version's rows and the new ones, so tokens and
-- references need no second index by resource.
create table fhir_token (
  tenant_id text not null collate "C",
  type text not null collate "C",
  param text not null collate "C",
  value text not null collate "C",
  id text not null collate "C",
  system text not null collate "C",
  primary key (tenant_id, type, param, value, id, system)
);
select guard('fhir_token', 'select, insert, delete');

-- A target that is not `Type/id` (a URL, a urn) has the empty target_type and stands whole in target_id.
create table fhir_reference (
  tenant_id text not null collate "C",
  type text not null collate "C",
  param text not null collate "C",
  target_id text not null collate "C",
  id text not null collate "C",
  target_type text not null collate "C",
  primary key (tenant_id, type, param, target_id, id, target_type)
);
select guard('fhir_reference', 'select, insert, delete');

-- [low, high) in milliseconds since 1970; an open end is the smallest or largest bigint that JavaScript holds exactly.
create table fhir_date (
  tenant_id text not null collate "C",
  type text not null collate "C",
  param text not null collate "C",
  low bigint not null,
  id text not null collate "C",
  high bigint not null,
  primary key (tenant_id, type, param, id, low, high)
);
create index fhir_date_low on fhir_date (tenant_id, type, param, low, id, high);
select guard('fhir_date', 'select, insert, delete');

-- `value` is folded (case, accents); `exact` is as written.
create table fhir_string (
  tenant_id text not null collate "C",
  type text not null collate "C",
  param text not null collate "C",
  value text not null collate "C",
  id text not null collate "C",
  exact text not null collate "C",
  primary key (tenant_id, type, param, id, value, exact)
);
create index fhir_string_value on fhir_string (tenant_id, type, param, value, id);
select guard('fhir_string', 'select, insert, delete');

-- Changes waiting for the journeys: one row per write in a patient's record, deleted when taken.
create table fhir_change (
  tenant_id text not null collate "C",
  bucket smallint not null,
  seq bigint generated always as identity,
  event_id text not null collate "C",
  type text not null collate "C",
  id text not null collate "C",
  version int not null,
  interaction text not null,
  subject text not null collate "C",
  primary key (tenant_id, bucket, seq)
) with (autovacuum_vacuum_scale_factor = 0.02);
select guard('fhir_change', 'select, insert, delete');
