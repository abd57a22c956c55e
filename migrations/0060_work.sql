-- Read tables of the work room, kept true in the transaction that writes the Task.
create table work_item (
  tenant_id text not null collate "C",
  id text not null collate "C",
  version int not null,
  status text not null,
  -- Still to be done: requested, accepted, in-progress, on-hold and the like.
  open boolean not null,
  role text collate "C",
  escalated text[] not null,
  owner text collate "C",
  owner_name text,
  -- 0 stat, 1 asap, 2 urgent, 3 routine.
  rank smallint not null,
  due timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  patient text collate "C",
  journey text collate "C",
  primary key (tenant_id, id)
);
create index work_item_owned on work_item (tenant_id, owner, rank, (coalesce(due, 'infinity'::timestamptz)), id) where open and owner is not null;
create index work_item_journey on work_item (tenant_id, journey);
create index work_item_patient on work_item (tenant_id, patient);
create index work_item_done on work_item (tenant_id, updated_at desc, id) where not open;
create index work_item_late on work_item (tenant_id, due) where open;
select guard('work_item');

-- One row for each role in whose queue an open, unowned task stands: its own, and those it was escalated to.
create table work_queue (
  tenant_id text not null collate "C",
  role text not null collate "C",
  rank smallint not null,
  -- 'infinity' when the task has no due time, so that the order needs no special case.
  due timestamptz not null,
  id text not null collate "C",
  primary key (tenant_id, role, rank, due, id)
);
create index work_queue_item on work_queue (tenant_id, id);
select guard('work_queue');
