-- SMART on FHIR: the applications that are let in, what they were granted, and what the authorization server has issued.
create table oauth_client (
  tenant_id text not null collate "C",
  id text not null collate "C",
  name text not null,
  kind text not null check (kind in ('public', 'confidential', 'backend')),
  authentication text not null check (authentication in ('none', 'secret', 'private-key')),
  secret_hash text,
  redirect_uris text[] not null,
  launch_uri text,
  scope text not null,
  roles text[] not null,
  jwks_uri text,
  jwks jsonb,
  trusted boolean not null,
  introspects boolean not null,
  disabled boolean not null default false,
  created_at timestamptz not null,
  used_at timestamptz,
  primary key (tenant_id, id)
);
select guard('oauth_client', 'select, insert, update');

-- What a person let an application do: it lives as long as its tokens may, or until somebody ends it.
create table oauth_grant (
  tenant_id text not null collate "C",
  id text not null collate "C",
  client text not null collate "C",
  account text not null collate "C",
  -- Hash of the session it was given in; what is not offline ends with it.
  session text collate "C",
  offline boolean not null,
  scope text not null,
  -- The launch: references only.
  patient text,
  encounter text,
  intent text,
  created_at timestamptz not null,
  used_at timestamptz not null,
  primary key (tenant_id, id)
);
create index oauth_grant_of_account on oauth_grant (tenant_id, account);
create index oauth_grant_of_session on oauth_grant (tenant_id, session);
select guard('oauth_grant');

-- Codes, tokens, grants and half-done authorizations of oidc-provider. Secrets are kept as hashes only.
create table oauth_artifact (
  tenant_id text not null collate "C",
  kind text not null collate "C",
  hash text not null collate "C",
  payload jsonb not null,
  grant_id text collate "C",
  expires_at timestamptz not null,
  consumed_at timestamptz,
  primary key (tenant_id, kind, hash)
);
create index oauth_artifact_of_grant on oauth_artifact (tenant_id, grant_id) where grant_id is not null;
create index oauth_artifact_ends on oauth_artifact (tenant_id, expires_at);
select guard('oauth_artifact');

create table oauth_launch (
  tenant_id text not null collate "C",
  hash text not null collate "C",
  client text not null collate "C",
  account text not null collate "C",
  patient text,
  encounter text,
  intent text,
  expires_at timestamptz not null,
  primary key (tenant_id, hash)
);
select guard('oauth_launch', 'select, insert, delete');

-- Keys that sign identity tokens; the private part sealed with the installation's own key.
create table signing_key (
  tenant_id text not null collate "C",
  id text not null collate "C",
  algorithm text not null,
  sealed bytea not null,
  created_at timestamptz not null,
  retired_at timestamptz,
  primary key (tenant_id, id)
);
select guard('signing_key', 'select, insert, update, delete');
