-- General hours and times off of a PractitionerRole: kept true in the transaction that writes one.
create table availability (
  tenant_id text not null collate "C",
  -- Of the PractitionerRole.
  id text not null collate "C",
  practitioner text not null collate "C",
  -- {"week": [{"days": [1], "from": 480, "until": 1020}], "off": [{"from", "until"}], "from", "until"}: minutes on the clinic's
  -- clock in the week, milliseconds elsewhere.
  hours jsonb not null,
  primary key (tenant_id, id)
);
select guard('availability');
