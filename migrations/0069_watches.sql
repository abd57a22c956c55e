-- What somebody keeps an eye on, and how it stood when they last looked.
create table work_watch (
  tenant_id text not null collate "C",
  -- Of the account.
  account text not null collate "C",
  -- Task/…, Patient/… or journey/….
  reference text not null collate "C",
  since timestamptz not null,
  seen_at timestamptz not null,
  -- Of a task: status, owner, due time and the like as they were then. null for the others, whose own times tell.
  seen jsonb,
  primary key (tenant_id, account, reference)
);
select guard('work_watch');
