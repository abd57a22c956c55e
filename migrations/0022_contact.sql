-- What a patient will be told and was told, over all journeys: the contact budget counts these rows. Written in the
-- transaction that asks for the message, under the lock of the patient's bucket, so that no two messages take one place.
create table contact (
  tenant_id text not null collate "C",
  message text not null collate "C",
  patient text not null collate "C",
  -- When it leaves; null when the budget has no room for it.
  at timestamptz,
  -- Why it does not leave at once.
  held text,
  reminder boolean not null,
  channels text not null,
  -- The reminder that it leaves with, as one message.
  merged_into text collate "C",
  primary key (tenant_id, message)
);
create index contact_of_patient on contact (tenant_id, patient, at);
create index contact_merged on contact (tenant_id, merged_into) where merged_into is not null;
select guard('contact');
