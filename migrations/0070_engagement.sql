-- The outbox: a row for each message, kept true in the transaction that writes its Communication.
create table message (
  tenant_id text not null collate "C",
  id text not null collate "C",
  status text not null,
  channel text,
  recipient text collate "C",
  template text not null,
  subject text,
  patient text collate "C",
  journey text collate "C",
  created_at timestamptz not null,
  sent_at timestamptz,
  primary key (tenant_id, id)
);
create index message_newest on message (tenant_id, created_at desc, id desc);
create index message_journey on message (tenant_id, journey);
select guard('message');

-- Where messages end that leave by no outside channel: the local SMS sink, and e-mail while no SMTP server is set.
-- The key is the effect's, so that a second delivery of one message changes nothing.
create table local_delivery (
  tenant_id text not null collate "C",
  key text not null collate "C",
  channel text not null,
  address text not null,
  subject text not null,
  body text not null,
  at timestamptz not null,
  primary key (tenant_id, key)
);
select guard('local_delivery', 'select, insert');
