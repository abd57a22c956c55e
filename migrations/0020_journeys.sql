-- Pathways as published, journeys, their log, their timers, and the buckets that workers lock.
create table pathway (
  tenant_id text not null collate "C",
  id text not null collate "C",
  active_version int not null,
  primary key (tenant_id, id)
);
select guard('pathway');

-- A version is frozen from its publishing on; only its status changes.
create table pathway_version (
  tenant_id text not null collate "C",
  pathway text not null collate "C",
  version int not null,
  status text not null check (status in ('active', 'retired')),
  source text not null,
  definition jsonb not null,
  note text not null,
  published_at timestamptz not null,
  published_by text not null,
  primary key (tenant_id, pathway, version)
);
select guard('pathway_version', 'select, insert, update');

create table journey (
  tenant_id text not null collate "C",
  id text not null collate "C",
  pathway text not null collate "C",
  version int not null,
  key text not null collate "C",
  subject text not null collate "C",
  bucket smallint not null,
  status text not null,
  outcome text,
  stage text collate "C",
  stage_since timestamptz not null,
  -- When the earliest open task is due. "Overdue" is due < now, told when read.
  due timestamptz,
  started_at timestamptz not null,
  ended_at timestamptz,
  -- Lines of the log so far.
  lines int not null,
  state text not null,
  primary key (tenant_id, id),
  -- One key has one journey of a pathway: an event that comes twice starts nothing twice.
  unique (tenant_id, pathway, key)
);
create index journey_of_subject on journey (tenant_id, subject) where status = 'active';
create index journey_by_stage on journey (tenant_id, pathway, stage, stage_since) where status = 'active';
create index journey_ended on journey (tenant_id, pathway, ended_at) where status <> 'active';
select guard('journey');

create table journey_event (
  tenant_id text not null collate "C",
  journey text not null collate "C",
  line int not null,
  kind text not null,
  step text,
  n int not null,
  rule text not null,
  event text not null,
  at timestamptz not null,
  data text not null,
  primary key (tenant_id, journey, line)
);
select guard('journey_event', 'select, insert');

create table journey_timer (
  tenant_id text not null collate "C",
  journey text not null collate "C",
  timer text not null collate "C",
  bucket smallint not null,
  due timestamptz not null,
  primary key (tenant_id, journey, timer)
);
create index journey_timer_due on journey_timer (tenant_id, due, bucket);
select guard('journey_timer');

-- A worker holds a bucket's row while it moves the bucket's journeys; that keeps a journey's events in order.
create table journey_bucket (
  tenant_id text not null collate "C",
  bucket smallint not null,
  primary key (tenant_id, bucket)
);
select guard('journey_bucket');
