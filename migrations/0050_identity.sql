-- People who sign in, their sessions, and the tokens of clients. Secrets are kept as hashes only.
create table account (
  tenant_id text not null collate "C",
  id text not null collate "C",
  -- Folded to lower case.
  email text not null collate "C",
  name text not null,
  password_hash text not null,
  roles text[] not null,
  practitioner text,
  locale text not null default 'en' check (locale in ('en', 'fr')),
  disabled boolean not null default false,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, email)
);
select guard('account', 'select, insert, update');

create table session (
  tenant_id text not null collate "C",
  hash text not null collate "C",
  account text not null collate "C",
  created_at timestamptz not null,
  seen_at timestamptz not null,
  primary key (tenant_id, hash)
);
select guard('session');

create table api_token (
  tenant_id text not null collate "C",
  id text not null collate "C",
  hash text not null collate "C",
  name text not null,
  roles text[] not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, hash)
);
select guard('api_token', 'select, insert, update');

-- Failed sign-ins, by account and by address, for the lockout. `subject` is a hash: no e-mail or address is kept here.
create table sign_in_failure (
  tenant_id text not null collate "C",
  subject text not null collate "C",
  at timestamptz not null
);
create index sign_in_failure_recent on sign_in_failure (tenant_id, subject, at);
select guard('sign_in_failure', 'select, insert, delete');
