-- When a task is at risk and when its service level is up, as told from its moments when it was last written: counts of a
-- queue ask an index, and "at risk" is still told by comparing with the time of asking. null: no service level holds for it.
alter table work_item add column at_risk timestamptz;
alter table work_item add column goal timestamptz;
create index work_item_at_risk on work_item (tenant_id, role, at_risk) include (goal) where open and at_risk is not null;
-- What the people of a role hold. Tasks begin without an owner, so that making one does not touch it.
create index work_item_held on work_item (tenant_id, role) where open and owner is not null;

-- A filter that somebody keeps: a list and what its tasks must be.
create table work_filter (
  tenant_id text not null collate "C",
  id text not null collate "C",
  -- Of the account.
  owner text not null collate "C",
  owner_name text not null,
  name text not null,
  filter jsonb not null,
  -- A role whose people see it too, '' for everybody of the organisation, null for nobody else.
  shared text collate "C",
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
create index work_filter_of on work_filter (tenant_id, owner);
create index work_filter_shared on work_filter (tenant_id, shared) where shared is not null;
select guard('work_filter');
