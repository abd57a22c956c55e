-- What to do when an automation fails: short, in versions that are never changed.
create table automation_runbook (
  tenant_id text not null collate "C",
  automation text not null collate "C",
  version int not null,
  source text not null,
  content jsonb not null,
  note text not null,
  at timestamptz not null,
  by_name text not null,
  primary key (tenant_id, automation, version)
);
select guard('automation_runbook', 'select, insert');

-- The fallback switched on for a while in a part of the organisation, to see whether the cases reach people.
create table automation_drill (
  tenant_id text not null collate "C",
  id text not null collate "C",
  automation text not null collate "C",
  version int not null,
  scope text not null collate "C",
  -- Who was to decide.
  fallback_role text not null,
  reason text not null,
  started_at timestamptz not null,
  started_by text not null,
  -- It ends by itself then.
  until timestamptz not null,
  ended_at timestamptz,
  ended_by text,
  -- Cases that the fallback decided, those whose task stood in the role's queue, those that somebody took, and the slowest's seconds.
  cases int,
  reached int,
  taken int,
  slowest int,
  -- Why it shows nothing; empty when it was passed.
  findings text[],
  -- Until when a passed one counts.
  counts_until timestamptz,
  primary key (tenant_id, id)
);
create index automation_drill_of on automation_drill (tenant_id, automation, id);
create unique index automation_drill_running on automation_drill (tenant_id, automation) where ended_at is null;
select guard('automation_drill', 'select, insert');
grant update (ended_at, ended_by, cases, reached, taken, slowest, findings, counts_until) on automation_drill to throughline_app;

-- What is done so that it does not happen again.
create table postmortem_action (
  tenant_id text not null collate "C",
  id text not null collate "C",
  incident text not null collate "C",
  says text not null,
  -- strong, intermediate, weak
  strength text not null,
  owner text not null,
  due date not null,
  opened_at timestamptz not null,
  opened_by text not null,
  closed_at timestamptz,
  closed_by text,
  -- test, metric
  watch_kind text,
  watch text,
  primary key (tenant_id, id),
  check ((closed_at is null) = (watch is null))
);
create index postmortem_action_of on postmortem_action (tenant_id, incident, id);
-- One test or metric is new once.
create unique index postmortem_action_watch on postmortem_action (tenant_id, lower(watch)) where watch is not null;
select guard('postmortem_action', 'select, insert');
grant update (closed_at, closed_by, watch_kind, watch) on postmortem_action to throughline_app;

-- The safety case as it stood when a version was given a level or began to answer. Never changed; its hash is in the audit.
create table release_note (
  tenant_id text not null collate "C",
  id text not null collate "C",
  automation text not null collate "C",
  version int not null,
  -- risen, promoted
  occasion text not null,
  content text not null,
  -- SHA-256 of the content.
  hash text not null,
  at timestamptz not null,
  by_name text not null,
  primary key (tenant_id, id)
);
create index release_note_of on release_note (tenant_id, automation, id);
select guard('release_note', 'select, insert');
