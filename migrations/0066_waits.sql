-- Tasks that wait for other tasks, as Task.input says it. One that waits is hidden (`infinity`) until the others are over.
create table work_wait (
  tenant_id text not null collate "C",
  -- Of the Task that waits.
  id text not null collate "C",
  waits_for text not null collate "C",
  primary key (tenant_id, id, waits_for)
);
create index work_wait_for on work_wait (tenant_id, waits_for);
select guard('work_wait');
