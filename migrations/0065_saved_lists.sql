-- Lists that people keep for themselves or for a team, and tasks that they watch.
create table saved_list (
  tenant_id text not null collate "C",
  id text not null collate "C",
  -- The account whose it is.
  account text not null collate "C",
  name text not null,
  list text not null,
  filter jsonb not null,
  -- The role whose people see it too.
  team text collate "C",
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
create index saved_list_of on saved_list (tenant_id, account);
create index saved_list_team on saved_list (tenant_id, team) where team is not null;
select guard('saved_list');

create table work_watch (
  tenant_id text not null collate "C",
  account text not null collate "C",
  -- Of the Task.
  id text not null collate "C",
  at timestamptz not null,
  primary key (tenant_id, account, id)
);
select guard('work_watch');
