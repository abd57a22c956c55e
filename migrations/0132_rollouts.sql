-- Releases to a part of the patients: who came into which arm, what was to be watched, and each look at it.
create table rollout (
  tenant_id text not null collate "C",
  id text not null collate "C",
  automation text not null collate "C",
  -- What the canary gets; the others get the version that answers.
  version int not null,
  cohort jsonb not null,
  -- The most that the others' version may do while this runs.
  controls text not null,
  -- [{metric, kind, margin, freshFor, grace}]: written before the start, never changed.
  criteria jsonb not null,
  alpha double precision not null,
  attempt int not null,
  -- running, killed, stepped-down, promoted, ended
  status text not null,
  verdict jsonb,
  started_at timestamptz not null,
  started_by text not null,
  ended_at timestamptz,
  ended_by text,
  incident text collate "C",
  primary key (tenant_id, id)
);
create unique index rollout_running on rollout (tenant_id, automation) where status = 'running';
-- What is watched, and for whom, is written before the start and frozen then.
select guard('rollout', 'select, insert');
grant update (status, verdict, ended_at, ended_by, incident) on rollout to throughline_app;

-- The arm that a unit came into, with the share that was in force: kept, since both the share and the plan may change.
create table rollout_unit (
  tenant_id text not null collate "C",
  rollout text not null collate "C",
  unit text not null collate "C",
  arm text not null,
  share double precision not null,
  assigned_at timestamptz not null,
  primary key (tenant_id, rollout, unit)
);
select guard('rollout_unit', 'select, insert');

-- A unit's first event of a metric; later ones change nothing.
create table rollout_event (
  tenant_id text not null collate "C",
  rollout text not null collate "C",
  metric text not null collate "C",
  unit text not null collate "C",
  at timestamptz not null,
  by_name text not null,
  primary key (tenant_id, rollout, metric, unit)
);
select guard('rollout_event', 'select, insert');

-- Until when whoever tells of a metric has vouched that all was told.
create table rollout_feed (
  tenant_id text not null collate "C",
  rollout text not null collate "C",
  metric text not null collate "C",
  told_at timestamptz not null,
  primary key (tenant_id, rollout, metric)
);
select guard('rollout_feed');

-- Each look at each metric: the evidence as it was, and what would have been needed.
create table rollout_look (
  tenant_id text not null collate "C",
  rollout text not null collate "C",
  id text not null collate "C",
  metric text not null collate "C",
  at timestamptz not null,
  events int not null,
  worse double precision not null,
  no_worse double precision not null,
  needed double precision not null,
  verdict text not null,
  primary key (tenant_id, rollout, id, metric)
);
select guard('rollout_look', 'select, insert');

-- What a release lets the arm do that a question came into; null outside of releases.
alter table automation_decision add column ceiling text;
alter table automation_decision add column rollout text collate "C";
