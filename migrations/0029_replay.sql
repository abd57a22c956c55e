-- Replays of past journeys on a draft: what was asked, how far it is, and what it came to.
create table replay (
  tenant_id text not null collate "C",
  id text not null collate "C",
  pathway text not null collate "C",
  -- The published version or the draft that is tried; neither for a text that is kept nowhere else.
  version int,
  draft text collate "C",
  source text not null,
  from_at timestamptz not null,
  until_at timestamptz not null,
  assume text not null check (assume in ('open', 'alike')),
  status text not null check (status in ('waiting', 'running', 'done', 'failed', 'cancelled')),
  asked_by text not null,
  asked_at timestamptz not null,
  ended_at timestamptz,
  patients int,
  patients_done int not null default 0,
  hash text,
  tally jsonb,
  -- Answers of the period, which an assumed one is taken from.
  pool jsonb,
  fault jsonb,
  primary key (tenant_id, id)
);
create index replay_of_pathway on replay (tenant_id, pathway, asked_at desc);
select guard('replay');

-- Journeys in which something differs, or that the record does not give again.
create table replay_journey (
  tenant_id text not null collate "C",
  replay text not null collate "C",
  journey text not null collate "C",
  subject text not null collate "C",
  differs int not null,
  assumed int not null,
  -- Null for a journey that never was.
  faithful boolean,
  side text not null check (side in ('both', 'before', 'after')),
  kinds text[] not null,
  primary key (tenant_id, replay, journey)
);
create index replay_journey_most on replay_journey (tenant_id, replay, differs desc, journey);
select guard('replay_journey');

-- A replay goes from patient to patient.
create index journey_of_patient on journey (tenant_id, pathway, subject, started_at);
create index journey_begun on journey (tenant_id, pathway, started_at);
