-- Whose roster a Schedule is, and the times in it: kept true in the transaction that writes a Schedule or a Slot.
create table roster (
  tenant_id text not null collate "C",
  -- Of the Schedule.
  id text not null collate "C",
  practitioner text not null collate "C",
  primary key (tenant_id, id)
);
select guard('roster');

create table shift (
  tenant_id text not null collate "C",
  -- Of the Slot. Its Schedule may come after it.
  id text not null collate "C",
  schedule text not null collate "C",
  kind text not null check (kind in ('shift', 'on-call', 'leave')),
  from_at timestamptz not null,
  until_at timestamptz not null,
  primary key (tenant_id, id)
);
create index shift_times on shift (tenant_id, until_at, from_at);
create index shift_schedule on shift (tenant_id, schedule, until_at);
select guard('shift');
