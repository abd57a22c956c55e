-- What people did otherwise than the pathway or the routing had it: append only. Codes and numbers; the words stand in the Task.
create table work_override (
  tenant_id text not null collate "C",
  id text not null collate "C",
  at timestamptz not null,
  kind text not null check (kind in ('decline', 'reassign', 'give-up', 'off-system', 'skip', 'add', 'cancel')),
  reason text not null collate "C",
  -- Lost to it, as the person says.
  minutes int,
  -- Of the Task that it was about, or that was made to tell it; a step that was skipped or added has none.
  task text collate "C",
  journey text collate "C",
  -- The version by which the journey ran at that moment.
  pathway text collate "C",
  version int,
  step text collate "C",
  role text collate "C",
  actor text not null collate "C",
  primary key (tenant_id, id)
);
create index work_override_at on work_override (tenant_id, at desc, id desc);
create index work_override_journey on work_override (tenant_id, journey) where journey is not null;
select guard('work_override', 'select, insert');
