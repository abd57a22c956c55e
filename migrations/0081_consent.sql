-- Consents in force, kept in the transaction that writes the FHIR Consent. What a consent says beside whom it is of and
-- from when to when is its shape; many patients sign the same form, so the shapes are few and are read once a process.
create table access_consent (
  tenant_id text not null collate "C",
  patient text not null collate "C",
  id text not null collate "C",
  shape text not null collate "C",
  starts timestamptz,
  ends timestamptz,
  primary key (tenant_id, patient, id)
);
create index access_consent_id on access_consent (tenant_id, id);
select guard('access_consent');

create table access_shape (
  tenant_id text not null collate "C",
  shape text not null collate "C",
  seq bigint generated always as identity,
  provision text not null,
  primary key (tenant_id, shape)
);
select guard('access_shape', 'select, insert');
