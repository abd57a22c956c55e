-- Emergency access: one person, one patient, one hour, one reason. What a supervisor says of it
-- afterwards stands in the Task that asks for the review.
create table access_glass (
  tenant_id text not null collate "C",
  id text not null collate "C",
  account text not null collate "C",
  account_name text not null,
  patient text not null collate "C",
  reason text not null,
  note text not null,
  started_at timestamptz not null,
  until timestamptz not null,
  ended_at timestamptz,
  task text not null collate "C",
  primary key (tenant_id, id)
);
create index access_glass_open on access_glass (tenant_id, account, until);
create index access_glass_newest on access_glass (tenant_id, started_at desc, id desc);
select guard('access_glass', 'select, insert, update');
