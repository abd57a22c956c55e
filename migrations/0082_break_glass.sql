-- Emergency access: one person, one patient, one hour, one reason, and what a supervisor said of it afterwards.
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
  review text,
  review_note text,
  reviewed_by text,
  reviewed_at timestamptz,
  primary key (tenant_id, id)
);
create index access_glass_open on access_glass (tenant_id, account, until);
create index access_glass_newest on access_glass (tenant_id, started_at desc, id desc);
select guard('access_glass', 'select, insert, update');
