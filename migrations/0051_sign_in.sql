-- Second factors, passkeys, sign-in by outside providers, sessions that can be named, and a lockout that counts atomically.
alter table account alter column password_hash drop not null;
alter table account add column password_changed_at timestamptz;
alter table account
  add column totp_sealed bytea,
  add column totp_since timestamptz,
  -- The last time step whose code was taken (RFC 6238, 5.2): a code is good once.
  add column totp_step bigint not null default 0;

-- Sessions of before this migration end: they carry no id to be named by.
delete from session;
alter table session
  add column id text not null collate "C",
  add column way text not null,
  add column device text not null default '',
  add column address text not null default '',
  -- When who they are was last proved: by sign-in or confirmation.
  add column proved_at timestamptz not null,
  -- The tenant demands a second factor and the account has none: this session may set one up and nothing else.
  add column only_set_up boolean not null default false;
create unique index session_id on session (tenant_id, id);
create index session_of_account on session (tenant_id, account);

create table recovery_code (
  tenant_id text not null collate "C",
  account text not null collate "C",
  hash text not null collate "C",
  primary key (tenant_id, account, hash)
);
select guard('recovery_code', 'select, insert, delete');

create table passkey (
  tenant_id text not null collate "C",
  -- The credential's id, base64url.
  id text not null collate "C",
  account text not null collate "C",
  name text not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  synced boolean not null,
  created_at timestamptz not null,
  used_at timestamptz,
  primary key (tenant_id, id)
);
create index passkey_of_account on passkey (tenant_id, account);
select guard('passkey');

-- What somebody began and must finish soon: a second factor, a passkey's challenge, a visit to an outside provider. Taken once.
create table sign_in_ticket (
  tenant_id text not null collate "C",
  hash text not null collate "C",
  purpose text not null,
  account text collate "C",
  data jsonb not null,
  expires_at timestamptz not null,
  primary key (tenant_id, hash)
);
select guard('sign_in_ticket', 'select, insert, delete');

-- Tries of a quarter of an hour, by account and by address. `subject` is a hash: no e-mail or address is kept here.
create table sign_in_gate (
  tenant_id text not null collate "C",
  subject text not null collate "C",
  since timestamptz not null,
  tries integer not null,
  primary key (tenant_id, subject)
);
select guard('sign_in_gate');
drop table sign_in_failure;

create table sign_in_policy (
  tenant_id text not null collate "C" primary key,
  second_factor text not null default 'optional' check (second_factor in ('optional', 'required')),
  idle_minutes integer not null default 60,
  absolute_hours integer not null default 12
);
select guard('sign_in_policy', 'select, insert, update');

create table outside_provider (
  tenant_id text not null collate "C",
  id text not null collate "C",
  title text not null,
  issuer text not null,
  client_id text not null,
  secret_sealed bytea,
  link_by_email boolean not null,
  create_with_roles text[],
  disabled boolean not null,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
select guard('outside_provider');

create table outside_identity (
  tenant_id text not null collate "C",
  provider text not null collate "C",
  subject text not null collate "C",
  account text not null collate "C",
  linked_at timestamptz not null,
  primary key (tenant_id, provider, subject)
);
create index outside_identity_of_account on outside_identity (tenant_id, account);
select guard('outside_identity', 'select, insert, delete');
