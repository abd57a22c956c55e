-- What people asked of flags, done or not: a flag as it was and as it would be, why, and who. A change that lets an automation do
-- more waits for a second person.
create table automation_flag_change (
  tenant_id text not null collate "C",
  id text not null collate "C",
  flag text not null collate "C",
  automation text not null collate "C",
  -- null: there was none; null: there will be none.
  before jsonb,
  after jsonb,
  reason text not null,
  -- open, done, dropped
  status text not null,
  asked_at timestamptz not null,
  asked_account text not null,
  asked_by text not null,
  decided_at timestamptz,
  decided_by text,
  primary key (tenant_id, id)
);
create index automation_flag_change_of on automation_flag_change (tenant_id, flag, id);
create unique index automation_flag_change_open on automation_flag_change (tenant_id, flag) where status = 'open';
-- What was asked, and why, stays as it was written.
select guard('automation_flag_change', 'select, insert');
grant update (status, decided_at, decided_by) on automation_flag_change to throughline_app;
